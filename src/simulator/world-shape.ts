export type WorldOptions = {
  /** An integer; the lower 32 bits count. The same seed makes the same world, and a room does not depend on how many others there are. */
  readonly seed: number;
  readonly rooms: number;
  /** Receivers of gifts, dealt to the rooms in turn; none by default. */
  readonly receivers?: number;
  /** Hours of the world in an hour of the clock: at 60 a show of two hours lasts two minutes, and its counters grow 60 times as fast. */
  readonly pace?: number;
  /** A midnight of the world, epoch milliseconds. */
  readonly epochMs?: number;
  readonly showsPerDay?: number;
  /** Shortest and longest show in hours of the world; short ones are as frequent as long ones on a logarithmic scale. */
  readonly showHours?: { readonly min: number; readonly max: number };
  /** Share of the shows in whose middle the room is destroyed and made anew. */
  readonly remadeShare?: number;
  /** Share of the shows of an hour and more whose audience grows slowly to a multiple. */
  readonly rampShare?: number;
  readonly spikesPerHour?: number;
  readonly dipsPerHour?: number;
  /** Longest dip in milliseconds of the clock, whatever the pace: a stale read lasts a sample or a few. */
  readonly maxDipMs?: number;
};

export type WorldShape = Required<WorldOptions> & {
  /** An hour of the world in milliseconds of the clock; every duration of the world is a multiple of it. */
  readonly hourMs: number;
  /** From the beginning of one show's slot to the next. */
  readonly slotMs: number;
};

/** Throws a RangeError that names the option which allows no world. */
export function worldShape(options: WorldOptions): WorldShape {
  const shape = {
    receivers: 0,
    pace: 1,
    epochMs: 0,
    showsPerDay: 1,
    showHours: { min: 0.7, max: 5 },
    remadeShare: 0.15,
    rampShare: 0.2,
    spikesPerHour: 0.15,
    dipsPerHour: 0.1,
    maxDipMs: 40_000,
    ...options,
  };
  const { pace, showsPerDay, showHours, rooms, receivers } = shape;
  for (const [name, value] of Object.entries({ pace, showsPerDay, 'showHours.min': showHours.min })) {
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`a world needs ${name} to be a number above 0, not ${value}`);
    }
  }
  if (!(Number.isInteger(rooms) && rooms > 0)) throw new RangeError(`a world needs at least 1 room, not ${rooms}`);
  if (!(Number.isInteger(receivers) && receivers >= 0)) {
    throw new RangeError(`a world has a whole number of receivers, not ${receivers}`);
  }
  const hourMs = 3_600_000 / pace;
  return { ...shape, hourMs, slotMs: (24 * hourMs) / showsPerDay };
}
