import { describe, expect, test } from 'vitest';
import { busyWorld, configText, environment, startTencent } from './account.ts';
import { createWorkspace, runLivetally, startLivetally } from './livetally-process.ts';

describe('livetally', () => {
  test('lists its commands, and ends with 2 when it is told none', async () => {
    const { code, stdout } = await runLivetally([]);
    expect(code).toBe(2);
    for (const name of ['run', 'demo', 'check', 'poll', 'simulate']) expect(stdout).toContain(`  ${name} `);
    expect((await runLivetally(['--help'])).code).toBe(0);
    expect((await runLivetally(['--version'])).stdout).toMatch(/^livetally \d+\.\d+\.\d+\n$/);
  });

  test.each([
    ['help', 'run'],
    ['--help', 'run'],
    ['run', '--help'],
    ['run', '-h'],
  ])('%s %s shows the help of the command', async (...args) => {
    const { code, stdout } = await runLivetally(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: livetally run .*\n\n[\s\S]*--config FILE/);
  });

  test.each([
    [['fly'], 'there is no command "fly"'],
    [['rum'], 'there is no command "rum": did you mean "run"?'],
    [['help', 'rum'], 'did you mean "run"?'],
    [['--config', 'a.yaml'], 'the command comes first'],
    [['run', '--speed', '9'], 'there is no option --speed'],
    [['check', '--onlin'], 'did you mean "--online"?'],
    [['poll', '--room', 'r'.repeat(49)], '--room is 49 bytes long; at most 48 are possible'],
    [['simulate', '--limits', '5'], '--limits 5: give requests a second, such as rooms=50,gifts=100'],
    [['simulate', '--limits', 'rooms=5', '--no-limits'], 'exclude each other'],
    [['simulate', '--rooms', '0'], '--rooms 0: give a whole number from 1'],
    [['simulate', '--latency', '5'], '--latency 5: give a duration such as 50ms, or two such as 20ms..80ms'],
    [['simulate', '--shows-per-day', '0'], '--shows-per-day 0: give a number above 0'],
    [['poll'], '--room is missing'],
    [['demo', '--for', 'ever'], '--for ever: give a duration'],
    [['simulate', '--fault', 'rain'], 'fault "rain"'],
    [['run', '--config', 'nowhere.yaml'], 'nowhere.yaml'],
  ])('%j is wrong usage: exit code 2, and words about it', async (args, words) => {
    const { code, stderr } = await runLivetally(args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  test('a configuration with several mistakes is refused with all of them at once', async () => {
    await using folder = await createWorkspace();
    const config = await folder.write(
      'livetally.yaml',
      'apps:\n  main: { sdk_app_id: 1400000000, identifer: administrator, secret_key: k, region: mars }\nwatchlist:\n  - room: 12345\n',
    );
    const { code, stderr } = await runLivetally(['run', '--config', config]);
    expect(code).toBe(2);
    expect(stderr).toContain(':2:');
    expect(stderr).toMatch(/did you mean "?identifier/);
    expect(stderr).toMatch(/region: must be one of china, singapore/);
    expect(stderr).toContain(':4:');
    expect(stderr).toMatch(/\d problems\.\n$/);
  });

  test('the demo runs the real collector against the simulator and ends by itself', async () => {
    await using folder = await createWorkspace();
    const { code, stdout, stderr } = await runLivetally(['demo', '--for', '6s', '--store', folder.path('demo.db')]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toMatch(/00:00:05 {2}[1-9]\d* samples committed; room_stats \d+\.\d\/s of 100/);
    expect(stdout).toMatch(
      /stopped after 00:00:0[678]\n {2}room_stats: [1-9]\d* samples, \d+ gone, 0 failed, \d+ skipped\n/,
    );
    expect(stdout).toContain(`all of it is committed to ${folder.path('demo.db')}; a later demo goes on with it\n`);
  });

  test('simulate serves until it is stopped, and tells the worst sliding second', async () => {
    await using simulator = startLivetally(['simulate', '--listen', '127.0.0.1:0', '--rooms', '3', '--receivers', '2']);
    const [, url] = await simulator.says(/listening on (http:\S+)/);
    expect((await fetch(`${url}/simulator/report`)).status).toBe(200);
    simulator.kill('SIGTERM');
    const { code, stdout } = await simulator.ended;
    expect(code).toBe(0);
    expect(stdout).toContain('worst sliding second 0 of 100');
  });
});

describe('livetally poll', () => {
  test('makes one request and shows the totals, with the signature masked', async () => {
    const world = busyWorld(3, 3);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const config = await folder.write(
      'c.yaml',
      configText({ baseUrl: tencent.url, store: folder.path('s.db'), world }),
    );
    const { code, stdout } = await runLivetally(['poll', '--room', 'room-0001', '--config', config], environment);
    expect(stdout).toMatch(
      /^POST http:\/\/127\.0\.0\.1:\d+\/v4\/live_engine_http_srv\/get_room_stats\?.*usersig=\*\*\*&/,
    );
    const isThere = /\n {2}total_viewers +\d+\n/.test(stdout);
    expect(code).toBe(0);
    if (!isThere) expect(stdout).toContain('the room does not exist (ErrorCode 100004, RequestId Id-');
    expect(tencent.report().apps[0]?.endpoints.room_stats.requests).toBe(1);

    const unknown = await runLivetally(['poll', '--room', 'nobody', '--json', '--config', config], environment);
    expect(unknown.code).toBe(0);
    expect(JSON.parse(unknown.stdout)).toMatchObject({
      outcome: { status: 'gone', code: 100004, requestId: expect.stringMatching(/^Id-/) },
    });

    tencent.setFaults([{ kind: 'code', code: 60010 }]);
    const refused = await runLivetally(['poll', '--room', 'room-0001', '--config', config], environment);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toMatch(/refused \(ErrorCode 60010, RequestId Id-\S+\): the identifier is no administrator/);
  });
});

describe('livetally check', () => {
  test('prints the plan, and asks nobody unless told to', async () => {
    const world = busyWorld(30, 30);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const config = await folder.write(
      'c.yaml',
      configText({ baseUrl: tencent.url, store: folder.path('s.db'), world }),
    );
    const { code, stdout } = await runLivetally(['check', '--config', config], environment);
    expect(code).toBe(0);
    expect(stdout).toContain('30');
    expect(tencent.report().apps[0]?.endpoints.room_stats.requests).toBe(0);
    const json = await runLivetally(['check', '--json', '--config', config], environment);
    expect(JSON.parse(json.stdout)).toMatchObject({ load: [{ endpoint: 'room_stats', requestsPerSecond: 30 }, {}] });
  });

  test('online, it names a wrong key, an identifier that is no administrator and a sink that is not there', async () => {
    const world = busyWorld(2, 2);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const parts = { baseUrl: tencent.url, store: folder.path('s.db'), world };
    const good = await folder.write('good.yaml', configText(parts));
    expect(await runLivetally(['check', '--online', '--config', good], environment)).toMatchObject({ code: 0 });

    const influxdb = '{ url: "http://127.0.0.1:9", org: o, bucket: live, token: t }';
    const bad = await folder.write('bad.yaml', configText({ ...parts, influxdb }));
    const wrongKey = await runLivetally(['check', '--online', '--config', bad], {
      LIVETALLY_SECRET_KEY: 'another-key',
    });
    expect(wrongKey.code).toBe(1);
    expect(wrongKey.stdout).toMatch(/FAILED main get_room_stats.*70009/);
    expect(wrongKey.stdout).toMatch(
      /FAILED influxdb bucket live at http:\/\/127.0.0.1:9: .*ECONNREFUSED.*check influxdb.url/,
    );

    const noAdministrator = await folder.write(
      'user.yaml',
      configText(parts).replace('identifier: administrator', 'identifier: somebody'),
    );
    const refused = await runLivetally(['check', '--online', '--config', noAdministrator], environment);
    expect(refused.stdout).toMatch(/FAILED main get_gift_count.*60010/);
  });
});

describe('livetally verify', () => {
  test('refuses a token file that has no end', async () => {
    const world = busyWorld(1, 1);
    await using folder = await createWorkspace();
    await using tencent = await startTencent(world);
    const parts = { baseUrl: tencent.url, store: folder.path('store.db'), world };
    const influxdb = '{ url: "http://127.0.0.1:9", org: o, bucket: b, token: t }';
    const config = await folder.write('livetally.yaml', configText({ ...parts, influxdb }));
    await using livetally = startLivetally(['run', '--config', config], environment);
    await livetally.says(/"started"/);
    livetally.kill('SIGTERM');
    await livetally.ended;
    const args = ['verify', '--config', config, '--token-file', '/dev/zero'];
    const { code, stderr } = await runLivetally(args, environment);
    expect(code).toBe(2);
    expect(stderr).toContain('--token-file /dev/zero cannot be read. (it is not an ordinary file)');
  });
});
