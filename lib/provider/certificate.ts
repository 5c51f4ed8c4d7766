import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A key and a self-signed certificate for one run of the plugin. */
export interface Certificate {
  /** DER of the certificate, as the handshake passes it on. */
  readonly der: Buffer;
  /** PEM of the certificate. */
  readonly cert: string;
  /** PEM of the private key (PKCS #8). */
  readonly key: string;
}

// ASN.1 object identifiers, encoded.
const ECDSA_WITH_SHA256 = '2a8648ce3d040302';
const COMMON_NAME = '550403';
const KEY_USAGE = '551d0f';
const EXTENDED_KEY_USAGE = '551d25';
const BASIC_CONSTRAINTS = '551d13';
const SUBJECT_ALT_NAME = '551d11';
const SERVER_AUTH = '2b06010505070301';
const CLIENT_AUTH = '2b06010505070302';

const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const VERSION_3 = Buffer.from([0x02, 0x01, 0x02]);
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Makes a certificate for `localhost` that is its own authority, as Terraform's mutual TLS expects. It is never
 * written to disk and outlives no run. Costs about 1 ms.
 */
export function selfSignedCertificate(now = Date.now()): Certificate {
  // By hand, because each command starts several of these processes: the `selfsigned` package takes 57 ms to start, on
  // top of the 55 of node itself.
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const algorithm = sequence(oid(ECDSA_WITH_SHA256));
  const name = sequence(tlv(0x31, sequence(oid(COMMON_NAME), tlv(0x0c, Buffer.from('localhost')))));
  const body = sequence(
    tlv(0xa0, VERSION_3),
    tlv(0x02, serialNumber()),
    algorithm,
    name,
    // The clock may be set back meanwhile, and an apply may run for days.
    sequence(utcTime(now - DAY_MS), utcTime(now + 30 * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(
      0xa3,
      sequence(
        extension(KEY_USAGE, TRUE, tlv(0x03, Buffer.from([0x02, 0b1000_0100]))), // digitalSignature, keyCertSign
        extension(EXTENDED_KEY_USAGE, undefined, sequence(oid(SERVER_AUTH), oid(CLIENT_AUTH))),
        extension(BASIC_CONSTRAINTS, TRUE, sequence(TRUE)), // cA
        extension(SUBJECT_ALT_NAME, undefined, sequence(tlv(0x82, Buffer.from('localhost')))), // dNSName
      ),
    ),
  );
  const der = sequence(body, algorithm, bitString(sign('sha256', body, privateKey)));
  return {
    der,
    cert: new X509Certificate(der).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function extension(id: string, critical: Buffer | undefined, value: Buffer): Buffer {
  return sequence(oid(id), critical ?? Buffer.alloc(0), tlv(0x04, value));
}

/** Sixteen random bytes; as an integer positive and without superfluous leading zeros. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes;
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, 'hex'));
}

function bitString(bytes: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), bytes);
}

// UTCTime: the years up to 2049, which X.509 wants in this form.
function utcTime(ms: number): Buffer {
  return tlv(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

/** One DER value: tag, length, content. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
