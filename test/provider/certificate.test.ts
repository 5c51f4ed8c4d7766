import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { selfSignedCertificate } from '../../lib/provider/certificate';

describe('self-signed certificate', () => {
  const { der, cert, key } = selfSignedCertificate();
  const parsed = new X509Certificate(cert);

  test('is signed by its own key, which comes with it', () => {
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.checkIssued(parsed)).toBe(true);
    expect(parsed.checkPrivateKey(createPrivateKey(key))).toBe(true);
  });

  test('is the same in PEM and DER', () => {
    expect(parsed.raw.equals(der)).toBe(true);
  });

  test('is for localhost, as server and as authority', () => {
    expect(parsed.subject).toBe('CN=localhost');
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkHost('example.com')).toBeUndefined();
    expect(parsed.subjectAltName).toBe('DNS:localhost');
    expect(parsed.ca).toBe(true);
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
  });

  test('is valid from the day before for a month', () => {
    const at = new X509Certificate(selfSignedCertificate(Date.UTC(2031, 1, 3, 4, 5, 6)).cert);
    expect(new Date(at.validFrom).toISOString()).toBe('2031-02-02T04:05:06.000Z');
    expect(new Date(at.validTo).toISOString()).toBe('2031-03-05T04:05:06.000Z');
  });

  test('is taken by TLS whatever the lengths of its random parts', () => {
    const certificates = Array.from({ length: 50 }, () => selfSignedCertificate());
    for (const { cert, key } of certificates) expect(() => createSecureContext({ cert, key })).not.toThrow();
    expect(new Set(certificates.map(({ der }) => der.length)).size).toBeGreaterThan(1);
    const serials = certificates.map(({ der }) => new X509Certificate(der).serialNumber);
    expect(new Set(serials).size).toBe(serials.length);
    expect(serials.every((serial) => /^[4-7][0-9A-F]{31}$/.test(serial))).toBe(true);
  });
});
