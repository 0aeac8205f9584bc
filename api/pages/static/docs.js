// Starts Swagger UI. The Content-Security-Policy forbids inline scripts, so this is a file.
const container = document.getElementById("docs");
const dark = matchMedia("(prefers-color-scheme: dark)");
const applyTheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
applyTheme();
// Swagger UI sends NDJSON as one JSON string. Send its lines instead.
const sendLines = (request) => {
  if (request.headers?.["Content-Type"] === "application/x-ndjson" && request.body?.startsWith('"')) {
    request.body = JSON.parse(request.body);
  }
  return request;
};
dark.addEventListener("change", applyTheme);
SwaggerUIBundle({
  url: container.dataset.document,
  domNode: container,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: sendLines,
});
