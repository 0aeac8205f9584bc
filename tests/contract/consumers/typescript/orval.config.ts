export default {
  onrecord: {
    input: "../../../../schemas/contract/v1/openapi.json",
    output: {
      target: "generated/orval.ts",
      client: "fetch",
      // The client calls this function instead of `fetch`. It adds the URL and the key, and retries.
      override: { mutator: { path: "orval_fetch.ts", name: "orvalFetch", extension: ".js" } },
    },
  },
};
