import type { CampaignPart } from '../campaign-part.ts';
import { outliveFullDisk } from './full-disk.ts';
import { killAtWrites } from './killed-at-writes.ts';
import { liveInTrouble } from './troubled-lives.ts';

/** Kills are cheaper than lives. */
const killsPerLife = 20;

export const disk: CampaignPart = {
  name: 'disk',
  summary:
    'the real program on a disk that is full, read-only or fails, and killed at every write; --count is how many lives (80, about 25 min)',
  async run(options) {
    const lives = options.count ?? 80;
    return [
      await liveInTrouble(options, lives),
      await killAtWrites(options, lives * killsPerLife),
      await outliveFullDisk(options),
    ];
  },
};
