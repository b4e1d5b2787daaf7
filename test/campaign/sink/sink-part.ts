import { canMount } from '../../real/servers/small-disk.ts';
import { type CampaignPart, formatCount } from '../campaign-part.ts';
import { places } from './expected-points.ts';
import { lastingFaults, passingFaults } from './fault-catalogue.ts';
import { fullDisks } from './full-disk-at-server.ts';
import { keepToDate, keepToSizes } from './obedience.ts';
import { realFaults } from './real-faults.ts';
import { meetEveryFault, runSinkSeed, type Shipped, shipThroughFaults } from './sink-faults.ts';

const server = 'between a real store and a server like 2.9.1';

export const sinkFaults: CampaignPart = {
  name: 'sink',
  summary: 'a sink, simulated and real, behind a network that does everything networks do: every point arrives once',
  async run({ seed: first, count = 1_000, log }) {
    const meetings = places.flatMap((place) => [...passingFaults.keys()].map((fault) => ({ place, fault })));
    const catalogue = new Total();
    await catalogue.add('the catalogue', () =>
      shipThroughFaults((faulty) => meetEveryFault(faulty, meetings), { tiers: true }),
    );
    await catalogue.add('limits of the size that last', () => shipThroughFaults(keepToSizes, { tiers: true }));
    for (const place of places) {
      await catalogue.add('a date ahead', () =>
        shipThroughFaults((faulty) => keepToDate(faulty, place), { tiers: true }),
      );
    }
    log(`${meetings.length} faults met one by one, ${catalogue.words()}`);
    const chance = new Total();
    for (let seed = first; seed < first + count; seed++) {
      await chance.add(`seed ${seed}`, () => runSinkSeed(seed));
      if ((seed - first) % 100 === 99) log(`${seed - first + 1} of ${count}, ${chance.words()}`);
    }
    log(`${formatCount(count, 'runs')}, ${chance.words()}`);
    const real = new Total();
    const isMountable = canMount();
    const faults = [...realFaults, ...(isMountable ? fullDisks : [])];
    for (const { name, version, ship, isTold } of faults) {
      await real.add(`${name}, at InfluxDB ${version}`, async () => {
        const shipped = await ship();
        if (!isTold(shipped.told)) throw new Error(`it has not happened: ${JSON.stringify(shipped.told)}`);
        return shipped;
      });
    }
    const measure = isMountable ? 'faults' : 'faults (a full disk not among them: nothing can be mounted here)';
    log(`${formatCount(faults.length, measure)} of real servers, ${real.words()}`);
    return [
      {
        test: `each fault of the network at the sink of samples and of each tier, ${server}`,
        ...rowOf(catalogue, formatCount(meetings.length + lastingFaults.size + places.length, 'faults')),
      },
      {
        test: `several faults at once over a proxy, at samples and tiers, ${server}`,
        ...rowOf(chance, formatCount(count, 'runs')),
      },
      {
        test: 'faults of the network and of the server at real ones, InfluxDB 2.9.1 and 1.8.10',
        ...rowOf(real, formatCount(faults.length, measure)),
      },
    ];
  },
};

function rowOf(total: Total, measure: string) {
  const { lost, doubled, wrong, findings, points } = total;
  return { howMany: `${measure}, ${formatCount(points, 'points')}`, lost, doubled, wrong, findings };
}

class Total {
  points = 0;
  rewritten = 0;
  lost = 0;
  doubled = 0;
  wrong = 0;
  readonly findings: string[] = [];

  words(): string {
    return `${formatCount(this.points, 'points')}, ${formatCount(this.rewritten, 'sessions written again')}`;
  }

  async add(name: string, ship: () => Promise<Shipped>): Promise<void> {
    try {
      const { points, rewritten, lost, doubled, wrong } = await ship();
      this.points += points;
      this.rewritten += rewritten;
      this.lost += lost;
      this.doubled += doubled;
      this.wrong += wrong;
      if (lost + doubled + wrong > 0) this.findings.push(`${name}: ${lost} lost, ${doubled} doubled, ${wrong} false`);
    } catch (error) {
      this.wrong++;
      this.findings.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
