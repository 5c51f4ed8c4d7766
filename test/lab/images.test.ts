import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Parser } from 'tar';
import { testImage } from '../../lib/lab/images';

interface Member {
  readonly type: string;
  readonly mode: number | undefined;
  readonly owner: string;
  readonly mtime: number | undefined;
  readonly linkpath: string | undefined;
  readonly content: Buffer;
}

/** Members by path, in their order. */
async function read(archive: Buffer): Promise<Map<string, Member>> {
  const members = new Map<string, Member>();
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk) => chunks.push(chunk));
      entry.on('end', () =>
        members.set(entry.path, {
          type: entry.type,
          mode: entry.mode,
          owner: `${entry.uid}:${entry.gid}:${entry.uname}:${entry.gname}`,
          mtime: entry.mtime?.getTime(),
          linkpath: entry.linkpath,
          content: Buffer.concat(chunks),
        }),
      );
    },
  });
  await pipeline(Readable.from([archive]), parser);
  return members;
}

const BUSYBOX = Buffer.from('busybox '.repeat(100));
const image = testImage(BUSYBOX, ['[', 'busybox', 'httpd', 'sh']);

describe('the root archive', () => {
  it('holds BusyBox, a link for each of its commands, and a page', async () => {
    const members = await read(image.tar);
    expect(members.get('bin/busybox')).toMatchObject({ type: 'File', mode: 0o755, content: BUSYBOX });
    expect(members.get('bin/httpd')).toMatchObject({ type: 'SymbolicLink', linkpath: 'busybox' });
    expect(members.get('bin/[')).toMatchObject({ type: 'SymbolicLink', linkpath: 'busybox' });
    expect(members.get('www/index.html')?.content.toString()).toBe('<h1>It works</h1>\n');
    expect(members.get('usr/lib/os-release')?.content.toString()).toContain('ID=busybox\n');
    expect(members.get('sbin/init')?.mode).toBe(0o755);
    expect(members.get('tmp/')).toMatchObject({ type: 'Directory', mode: 0o1777 });
  });

  it('is sorted, owned by root by number and dated 1970', async () => {
    const members = await read(image.tar);
    expect([...members.keys()]).toEqual([...members.keys()].sort());
    expect(new Set([...members.values()].map(({ owner, mtime }) => `${owner} ${mtime}`))).toEqual(new Set(['0:0:: 0']));
  });

  it('has every directory before what is in it', async () => {
    const seen = new Set<string>();
    for (const path of (await read(image.tar)).keys()) {
      const parent = path.replace(/[^/]+\/?$/, '');
      if (parent) expect(seen).toContain(parent);
      seen.add(path);
    }
  });

  it('is the same whatever order the commands come in', () => {
    expect(testImage(BUSYBOX, ['sh', 'httpd', '[', 'busybox'])).toEqual(image);
  });
});

describe('the OCI archive', () => {
  it('is an image layout in which every descriptor fits its blob', async () => {
    const members = await read(image.ociArchive);
    const json = (path: string) => JSON.parse(members.get(path)?.content.toString() ?? 'null');
    const blob = ({ digest, size }: { digest: string; size: number }) => {
      const content = members.get(`blobs/${digest.replace(':', '/')}`)?.content ?? Buffer.alloc(0);
      expect(`sha256:${createHash('sha256').update(content).digest('hex')}`).toBe(digest);
      expect(content.length).toBe(size);
      return content;
    };
    expect(json('oci-layout')).toEqual({ imageLayoutVersion: '1.0.0' });
    const [descriptor] = json('index.json').manifests;
    expect(descriptor.annotations).toEqual({ 'org.opencontainers.image.ref.name': 'localhost/busybox:latest' });
    const manifest = JSON.parse(blob(descriptor).toString());
    expect(manifest.layers).toHaveLength(1);
    expect(blob(manifest.layers[0])).toEqual(image.tar);
    const config = JSON.parse(blob(manifest.config).toString());
    expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
    expect(config.config).toMatchObject({
      Cmd: ['/bin/httpd', '-f', '-p', '80', '-h', '/www'],
      ExposedPorts: { '80/tcp': {} },
    });
  });
});
