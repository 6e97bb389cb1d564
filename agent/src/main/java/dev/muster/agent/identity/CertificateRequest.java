package dev.muster.agent.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import javax.security.auth.x500.X500Principal;

/**
 * A PKCS #10 certificate request (RFC 2986) for a P-256 key, written by hand: it is nearly all the DER that the agent makes, and
 * all for which it would need a library of 9 MB.
 */
final class CertificateRequest {
    /** {@code SEQUENCE { OBJECT IDENTIFIER 1.2.840.10045.4.3.2 }}, ecdsa-with-SHA256 (RFC 5758 §3.2). */
    private static final byte[] ECDSA_WITH_SHA256 = {
        0x30, 0x0A, 0x06, 0x08, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x04, 0x03, 0x02
    };

    private static final byte[] ZERO = {0};

    private CertificateRequest() {}

    /** @param signing the private half of the key; it may be a handle of a key that never leaves its token */
    static byte[] der(X500Principal subject, PublicKey key, PrivateKey signing) throws GeneralSecurityException {
        byte[] info = Der.of(
                Der.SEQUENCE,
                Der.of(Der.INTEGER, ZERO),
                subject.getEncoded(),
                key.getEncoded(), // a SubjectPublicKeyInfo already
                Der.of(Der.TAGGED_0)); // no attributes
        return signed(info, signing);
    }

    /**
     * A certificate by the key for itself (RFC 5280, version 1, for all time), to be stored beside a key until there is a real
     * one: Java finds a key in a token only by its certificate.
     */
    static X509Certificate placeholder(X500Principal subject, PublicKey key, PrivateKey signing)
            throws GeneralSecurityException {
        byte[] toBeSigned = Der.of(
                Der.SEQUENCE,
                Der.of(Der.INTEGER, new byte[] {1}),
                ECDSA_WITH_SHA256,
                subject.getEncoded(),
                Der.of(Der.SEQUENCE, time("700101000000Z"), time("491231235959Z")),
                subject.getEncoded(),
                key.getEncoded());
        return Pem.certificates(signed(toBeSigned, signing)).getFirst();
    }

    private static byte[] time(String text) {
        return Der.of(Der.UTC_TIME, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] signed(byte[] content, PrivateKey signing) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(signing);
        signature.update(content);
        return Der.of(Der.SEQUENCE, content, ECDSA_WITH_SHA256, Der.of(Der.BIT_STRING, ZERO, signature.sign()));
    }
}
