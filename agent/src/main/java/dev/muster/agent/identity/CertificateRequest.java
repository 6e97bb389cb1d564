package dev.muster.agent.identity;

import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import javax.security.auth.x500.X500Principal;

/**
 * A PKCS #10 certificate request (RFC 2986) for a P-256 key, written by hand: it is the only DER that the agent makes, and the
 * only thing for which it would need a library of 9 MB.
 */
public final class CertificateRequest {
    private static final int SEQUENCE = 0x30;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    /** Context-specific, constructed, 0: the attributes. */
    private static final int ATTRIBUTES = 0xA0;
    /** {@code SEQUENCE { OBJECT IDENTIFIER 1.2.840.10045.4.3.2 }}, ecdsa-with-SHA256 (RFC 5758 §3.2). */
    private static final byte[] ECDSA_WITH_SHA256 = {
        SEQUENCE, 0x0A, 0x06, 0x08, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x04, 0x03, 0x02
    };

    private CertificateRequest() {}

    /** @param signing the private half of the key; it may be a handle of a key that never leaves its token */
    public static byte[] der(X500Principal subject, PublicKey key, PrivateKey signing) throws GeneralSecurityException {
        byte[] info = der(
                SEQUENCE,
                der(INTEGER, new byte[] {0}),
                subject.getEncoded(),
                key.getEncoded(), // a SubjectPublicKeyInfo already
                der(ATTRIBUTES));
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signing);
        signature.update(info);
        return der(SEQUENCE, info, ECDSA_WITH_SHA256, der(BIT_STRING, new byte[] {0}, signature.sign()));
    }

    private static byte[] der(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var out = new ByteArrayOutputStream(length + 4);
        out.write(tag);
        if (length < 0x80) {
            out.write(length);
        } else if (length < 0x100) {
            out.write(0x81);
            out.write(length);
        } else {
            out.write(0x82);
            out.write(length >>> 8);
            out.write(length);
        }
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
