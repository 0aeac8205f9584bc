// Retries after the time in `Retry-After`, as the clause retry-once of the promise allows.

import { setTimeout as wait } from "node:timers/promises";

const ATTEMPTS = 5;
const SECONDS = 30;
const REPEATABLE = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
// A repeated POST creates a second record, unless it has an idempotency key. A repeated change fails with If-Match.
const MAKES_REPEATABLE = ["Idempotency-Key", "If-Match"];

/** Fetch with retries, for openapi-fetch and for other clients. */
export async function patient(request: Request): Promise<Response> {
  const repeatable =
    REPEATABLE.includes(request.method) || MAKES_REPEATABLE.some((name) => request.headers.has(name));
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(request.clone(), { signal: AbortSignal.timeout(SECONDS * 1000) });
    if (![429, 503].includes(response.status) || !repeatable || attempt === ATTEMPTS) return response;
    await response.body?.cancel();
    await wait(1000 * Number(response.headers.get("Retry-After") ?? 1));
  }
}
