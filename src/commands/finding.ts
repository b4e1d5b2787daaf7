/** What a few requests brought to light. */
export type Finding = { readonly subject: string; readonly isGood: boolean; readonly words: string };
