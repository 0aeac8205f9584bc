// Waiting as long as one is told to, and asking again: what the promise of the contract says under retry-once.

import { setTimeout as wait } from "node:timers/promises";

const ATTEMPTS = 5;
const SECONDS = 30;
// A POST is done twice where it is sent twice, unless it has a key.
const REPEATABLE = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];

/** A fetch for any client that takes one, and so for openapi-fetch. */
export async function patient(request: Request): Promise<Response> {
  const repeatable = REPEATABLE.includes(request.method) || request.headers.has("Idempotency-Key");
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(request.clone(), { signal: AbortSignal.timeout(SECONDS * 1000) });
    if (![429, 503].includes(answer.status) || !repeatable || attempt === ATTEMPTS) return answer;
    await answer.body?.cancel();
    await wait(1000 * Number(answer.headers.get("Retry-After") ?? 1));
  }
}
