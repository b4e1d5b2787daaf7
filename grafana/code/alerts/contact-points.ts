import type { AlertSettings } from '../../../src/config/alerts-schema.ts';

/** The contact point of livetally's own rules. */
export const contactPoint = 'livetally';

/** Undefined where none is asked for; then the notification policies of Grafana decide, which livetally never touches. */
export function contactPoints({ webhook, email }: AlertSettings['contact']) {
  const receivers = [
    ...(webhook === undefined
      ? []
      : // Some versions of Grafana expand variables here; in an address a dollar can be written without one.
        [
          {
            uid: 'livetally-webhook',
            type: 'webhook',
            settings: { url: webhook.replaceAll('$', '%24'), httpMethod: 'POST' },
          },
        ]),
    ...(email === undefined
      ? []
      : [{ uid: 'livetally-email', type: 'email', settings: { addresses: email.join(';'), singleEmail: true } }]),
  ];
  return receivers.length === 0 ? undefined : [{ orgId: 1, name: contactPoint, receivers }];
}
