// The round trip of a record: the records to send, and the steps that each generated client implements.

/** A generated client. Its types check the records below. */
export interface RoundTrip {
  /** Create an article, and a report about it. Return the id of the report. */
  create(article: string, report: string): Promise<string>;
  /** Return the number of killed of a report, and its entity tag. */
  read(report: string): Promise<{ count: number | null; tag: string }>;
  /** Set `same_as` of a report to WIKIDATA. Return the stored list. */
  patch(report: string, tag: string): Promise<string[]>;
  /** Return the ids of the reports of an article, and the types of all its claims. */
  list(article: string): Promise<{ reports: string[]; types: string[] }>;
  /** Import an article. Return the number of created records. */
  import(article: string): Promise<number>;
  /** Return the ids of the exported reports of an article. */
  export(article: string): Promise<string[]>;
}

export const WIKIDATA = "https://www.wikidata.org/entity/Q42";
const WORDS = "The ministry of Norland said three soldiers were killed";

export function articleOf(id: string) {
  const headline = "Three soldiers killed (an invented article)";
  return { id, headline, language: "en", text: `${WORDS} on Friday.` };
}

export function reportOf(id: string, article_id: string) {
  const terms = { harm: "killed", population: "combatant", qualifier: "exact" } as const;
  const claimant = { name: "Norland", kind: "government" } as const;
  return { id, article_id, claimant, ...terms, count: 3, evidence: [{ exact: WORDS, start: 0, end: WORDS.length }] };
}

/** Return the ids of the records in an export, which has one record on each line. */
export function idsOf(lines: string): string[] {
  return lines
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);
}
