// The transport of orval's client. MOCK_URL and MOCK_KEY have the URL and the key of the mock.

import { patient } from "./patience.js";

const { MOCK_URL, MOCK_KEY } = process.env;

/** Send a request to a path, and return the response in orval's form. Exports are streams. */
export async function orvalFetch<Result>(path: string, init: RequestInit): Promise<Result> {
  const request = new Request(new URL(path, MOCK_URL), init);
  request.headers.set("Authorization", `Bearer ${MOCK_KEY}`);
  const response = await patient(request);
  const { status, headers } = response;
  if (headers.get("Content-Type")?.startsWith("application/x-ndjson")) {
    return { status, headers, stream: response } as Result;
  }
  const text = await response.text();
  return { status, headers, data: text ? JSON.parse(text) : {} } as Result;
}
