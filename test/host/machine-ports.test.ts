import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Image, NspawnMachine } from 'bulkhead';
import { describeHost, inventory, lab } from './host';
import { Deployment, images } from './synth';

/** Answers every datagram with itself, and every connection with a greeting. */
const ECHO = `socat UDP4-RECVFROM:53,fork PIPE & exec socat -U TCP4-LISTEN:53,fork,reuseaddr EXEC:'echo welcome'`;

/** A peer with a port of its own, which says a word until it is answered: what is sent before a proxy runs is lost. */
class Peer {
  private readonly socket = createSocket('udp4');
  readonly heard: string[] = [];

  constructor(
    private readonly address: string,
    private readonly port: number,
  ) {
    this.socket.on('message', (answer) => this.heard.push(answer.toString()));
  }

  async say(word: string): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      this.socket.send(word, this.port, this.address);
      const heard = await once(this.socket, 'message', { signal: AbortSignal.timeout(500) }).catch(() => undefined);
      if (heard) return;
    }
    throw new Error(`nobody answered "${word}"`);
  }

  close(): void {
    this.socket.close();
  }
}

describeHost('ports of a machine', () => {
  let before: string;
  let address: string;
  let deployment: Deployment;
  beforeAll(async () => {
    before = await inventory();
    address = (await lab.sh("ip -4 -o address show host0 | sed 's|.* inet ||; s|/.*||'")).trim();
    deployment = new Deployment('machine-ports-test', (host) => {
      new NspawnMachine(host, 'u-echo', {
        image: Image.ociArchive(images().ociArchive),
        command: ['/usr/bin/sh', '-c', ECHO],
        environment: { PATH: '/usr/bin' },
        ports: ['53:53', '53:53/udp', '127.0.0.1:5353:53/udp'],
        stopTimeout: '1s',
        directives: { Files: { BindReadOnly: ['/usr', '/lib', '/lib64'] } },
      });
    });
    await deployment.apply();
    expect(await deployment.differences()).toEqual([]);
  });
  afterAll(async () => {
    await deployment.destroy();
    deployment.cleanUp();
    expect(await inventory()).toBe(before);
  });

  test('UDP reaches it from outside of the host, and each peer gets its own answers', async () => {
    const peers = Array.from({ length: 20 }, () => new Peer(address, 53));
    try {
      for (const word of ['one', 'two', 'three'])
        await Promise.all(peers.map((peer, index) => peer.say(`${word} of ${index}`)));
      for (const [index, { heard }] of peers.entries())
        expect([...new Set(heard)]).toEqual(['one', 'two', 'three'].map((word) => `${word} of ${index}`));
    } finally {
      for (const peer of peers) peer.close();
    }
  });

  const ask = (target: string) =>
    lab.sh('for i in $(seq 100); do echo hello | socat -t 0.2 - "$1" | grep . && exit; done', target);

  test.each(['UDP4:127.0.0.1:53', 'UDP4:127.0.0.1:5353'])('UDP reaches it from the host itself: %s', async (target) => {
    expect(await ask(target)).toBe('hello\n');
  });

  test('an address that is not published does not answer', async () => {
    const script = 'echo hello | socat -t 2 - "$1" 2>/dev/null || echo refused';
    expect(await lab.sh(script, `UDP4:${address}:5353`)).toBe('refused\n');
  });

  test('TCP goes through the same number beside it', async () => {
    expect(await lab.sh('socat -u TCP4:127.0.0.1:53 -')).toBe('welcome\n');
  });
});
