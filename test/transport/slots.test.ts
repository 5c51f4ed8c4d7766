import { Slots } from '../../lib/transport/slots';

const never = new AbortController().signal;

describe('Slots', () => {
  test('lets as many in as there are slots, the others in the order they came', async () => {
    const slots = new Slots(2);
    const order: string[] = [];
    const enter = (name: string) => slots.acquire(never).then(() => order.push(name));
    const [a, b, c, d] = [enter('a'), enter('b'), enter('c'), enter('d')];
    await Promise.all([a, b]);
    expect(order).toEqual(['a', 'b']);
    slots.release();
    await c;
    slots.release();
    await d;
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  test('forgets one who stops waiting', async () => {
    const slots = new Slots(1);
    await slots.acquire(never);
    const controller = new AbortController();
    const impatient = slots.acquire(controller.signal);
    const patient = slots.acquire(never);
    controller.abort(new Error('had enough'));
    await expect(impatient).rejects.toThrow('had enough');
    slots.release();
    await patient;
  });
});
