import { Type } from 'typebox';
import { NOTIFICATION_EVENTS } from '../../fleet/notification-event.ts';
import { defineList } from '../operation.ts';
import { pageOfAll } from '../page.ts';

const EVENTS = Object.entries(NOTIFICATION_EVENTS).map(([event, { meaning }], place) => ({
  event,
  meaning,
  place,
}));

const list = defineList({
  id: 'notificationEvents.list',
  path: '/notification-events',
  role: 'reader',
  summary: 'Lists what can be subscribed to',
  input: Type.Object({}),
  item: Type.Object({
    event: Type.String(),
    meaning: Type.String({ description: 'When it is told.' }),
    place: Type.Integer({ description: 'Events that belong together follow each other.' }),
  }),
  sorts: ['place', 'event'],
  example: { input: {}, result: { ...EVENTS[0] } },
  read: async (_context, _input, page) => pageOfAll(EVENTS, page, (one) => one.event),
});

export const notificationEvents = { list };
