import { expect, test } from 'vitest';
import { type CallAddress, type HeartbeatEvent, startHeartbeat } from '../../../src/telemetry/heartbeat.ts';
import { createWellBeing } from '../../../src/telemetry/well-being.ts';
import { createVirtualClock } from '../../virtual-clock.ts';

const url = 'https://ping.example/secret-key';

function begin(call: CallAddress) {
  const clock = createVirtualClock();
  const world: { troubles: readonly string[]; readonly events: HeartbeatEvent[]; calls: number } = {
    troubles: [],
    events: [],
    calls: 0,
  };
  const heartbeat = startHeartbeat({
    url,
    everyMs: 60_000,
    clock,
    call: (address, signal) => {
      world.calls++;
      return call(address, signal);
    },
    troubles: () => world.troubles,
    told: (event) => world.events.push(event),
  });
  return { clock, world, heartbeat };
}

const untilAborted: CallAddress = (_, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));

test('the address is called once a minute while all is well, and no more after the stop', async () => {
  const { clock, world, heartbeat } = begin(() => Promise.resolve(true));
  await clock.advance(59_999);
  expect(world.calls).toBe(0);
  await clock.advance(600_001);
  expect(world.calls).toBe(11);
  await heartbeat.stop();
  await clock.advance(600_000);
  expect(world).toMatchObject({ calls: 11, events: [] });
});

test('it is not called while something is wrong, which is told once', async () => {
  const { clock, world } = begin(() => Promise.resolve(true));
  world.troubles = ['influxdb takes no points'];
  await clock.advance(300_000);
  expect(world.calls).toBe(0);
  world.troubles = [];
  await clock.advance(60_000);
  expect(world.calls).toBe(1);
  expect(world.events).toEqual([
    { status: 'withheld', reasons: ['influxdb takes no points'] },
    { status: 'well_again' },
  ]);
});

test('calls that fail are told once, without the address, and so is the first that succeeds again', async () => {
  let isReachable = false;
  const { clock, world } = begin((address) =>
    isReachable ? Promise.resolve(true) : Promise.reject(new TypeError(`fetch failed: ${address}`)),
  );
  await clock.advance(180_000);
  isReachable = true;
  await clock.advance(60_000);
  expect(world.events.map(({ status }) => status)).toEqual(['failing', 'answered_again']);
  expect(JSON.stringify(world.events)).not.toContain('secret-key');
});

test('an answer that is no success counts as a failure', async () => {
  const { clock, world } = begin(() => Promise.resolve(false));
  await clock.advance(60_000);
  expect(world.events).toEqual([{ status: 'failing', reason: 'the address did not answer with success' }]);
});

test('a call without an answer is given up after ten seconds, and at once by the stop', async () => {
  const { clock, world, heartbeat } = begin(untilAborted);
  await clock.advance(70_000);
  expect(world.events).toMatchObject([{ status: 'failing' }]);
  await clock.advance(51_000);
  expect(world.calls).toBe(2);
  await heartbeat.stop();
  expect(world.events).toHaveLength(1);
});

test('all is well until polls have only failed for a while, a sink is down, or livetally is not ready', async () => {
  const clock = createVirtualClock();
  const well = createWellBeing(clock, 60_000);
  const failMany = () => {
    for (let poll = 0; poll < 20; poll++) well.pollEnded(false);
  };
  expect(well.troubles([])).toEqual([]);
  failMany();
  expect(well.troubles([])).toEqual([]);
  await clock.advance(60_000);
  expect(well.troubles([])).toEqual(['no poll has been answered for a while']);
  well.pollEnded(true);
  expect(well.troubles([])).toEqual([]);
  well.sinkUp('influxdb', false);
  expect(well.troubles(['the store cannot commit'])).toEqual(['the store cannot commit', 'influxdb takes no points']);
  well.sinkUp('influxdb', true);
  expect(well.troubles([])).toEqual([]);
});
