/** The ids above `fromId` up to and including `toId`: neighbours share a bound, and the size is the difference. */
export type IdRange = { readonly fromId: number; readonly toId: number };
