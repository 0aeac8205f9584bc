// Starts Swagger UI on the document of this service. A file of its own, so that no inline script is needed.
const place = document.getElementById("docs");
const dark = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dress();
// Swagger UI takes lines of JSON for JSON, and puts them into one quoted string: take them out again.
const unquoted = (request) => {
  if (request.headers?.["Content-Type"] === "application/x-ndjson" && request.body?.startsWith('"')) {
    request.body = JSON.parse(request.body);
  }
  return request;
};
dark.addEventListener("change", dress);
SwaggerUIBundle({
  url: place.dataset.document,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: unquoted,
});
