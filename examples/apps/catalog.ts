// catalog: what the shop sells.   node catalog.js
import { WebServer, run } from './web/server';

const ITEMS = [
  { id: 1, name: 'Reading lamp', department: 'Light', color: 'amber', price: '49.00' },
  { id: 2, name: 'Wool blanket', department: 'Textiles', color: 'teal', price: '79.00' },
  { id: 3, name: 'Tea pot', department: 'Kitchen', color: 'black', price: '32.00' },
  { id: 4, name: 'Wall clock', department: 'Clocks', color: 'red', price: '58.00' },
];

export function catalog(): WebServer {
  return new WebServer({
    'GET /items': () => ({ body: ITEMS }),
    'GET /items/:id': ({ parameters: { id } }) => {
      const item = ITEMS.find((one) => String(one.id) === id);
      return item === undefined ? { status: 404, body: 'no such item\n' } : { body: item };
    },
  });
}

if (require.main === module) void run(catalog(), Number(process.env.PORT ?? 80));
