/** The two polled endpoints, by the name of the measurement they fill: `get_room_stats` and `get_gift_count`. */
export const endpoints = ['room_stats', 'gift_count'] as const;
export type Endpoint = (typeof endpoints)[number];

export type RoomTarget = {
  readonly endpoint: 'room_stats';
  readonly app: string;
  readonly roomId: string;
};

/** A receiver of gifts in a room. */
export type ReceiverTarget = {
  readonly endpoint: 'gift_count';
  readonly app: string;
  readonly roomId: string;
  readonly userId: string;
};

/** What is polled, and what counters belong to. `app` is the operator's name for the app, not its SDKAppID. */
export type Target = RoomTarget | ReceiverTarget;

export type Labels = Readonly<Record<string, string>>;

/** A target with the labels it has now: a change of labels is a new series of the same target. */
export type Series = { readonly target: Target; readonly labels: Labels };

/**
 * A string that is the same for equal targets and differs for others, across restarts.
 * Line feeds separate the parts because configuration refuses them in all three.
 */
export function targetKey(target: Target): string {
  switch (target.endpoint) {
    case 'room_stats':
      return `${target.app}\n${target.roomId}`;
    case 'gift_count':
      return `${target.app}\n${target.roomId}\n${target.userId}`;
    default:
      return target satisfies never;
  }
}

/** What a person reads in logs and messages. */
export function describeTarget(target: Target): string {
  switch (target.endpoint) {
    case 'room_stats':
      return `room ${target.roomId} of app ${target.app}`;
    case 'gift_count':
      return `receiver ${target.userId} in room ${target.roomId} of app ${target.app}`;
    default:
      return target satisfies never;
  }
}
