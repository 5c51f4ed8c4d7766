import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';

/** A key and a self-signed certificate for one run of the plugin. */
export interface Certificate {
  /** The certificate in DER, as the handshake sends it. */
  readonly der: Buffer;
  /** The certificate in PEM. */
  readonly cert: string;
  /** The private key in PEM (PKCS #8). */
  readonly key: string;
}

// Encoded ASN.1 object identifiers.
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
 * Creates a self-signed certificate for `localhost`, as Terraform's mutual TLS expects. It is never written to disk,
 * and is used for one run. Takes about 1 ms.
 */
export function selfSignedCertificate(now = Date.now()): Certificate {
  // Written by hand, because each command starts several of these processes: the `selfsigned` package takes 57 ms to
  // start, in addition to node's own 55 ms.
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

/** Sixteen random bytes that form a positive integer without superfluous leading zeros. */
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

// X.509 requires UTCTime for years up to 2049.
function utcTime(ms: number): Buffer {
  return tlv(0x17, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

/** A DER value: tag, length and content. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}
