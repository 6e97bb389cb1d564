package dev.muster.pki;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.CertificationRequestInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Certificate requests made in this process, where a hundred are needed or one must be wrong. */
public final class Csr {
    private Csr() {}

    public static byte[] of(String name, KeyPair key) {
        return of(
                new X500Name("CN=" + name),
                SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()),
                key);
    }

    /** @param signer need not belong to the key */
    static byte[] of(X500Name subject, SubjectPublicKeyInfo key, KeyPair signer) {
        try {
            CertificationRequestInfo info = new CertificationRequestInfo(subject, key, new DERSet());
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(signer.getPrivate());
            signature.update(info.getEncoded(ASN1Encoding.DER));
            return new CertificationRequest(
                            info,
                            new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256),
                            new DERBitString(signature.sign()))
                    .getEncoded();
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError("cannot make a certificate request", e);
        }
    }
}
