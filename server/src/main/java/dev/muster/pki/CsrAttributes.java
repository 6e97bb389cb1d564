package dev.muster.pki;

import java.io.IOException;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.est.AttrOrOID;
import org.bouncycastle.asn1.est.CsrAttrs;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** What the CA suggests to put into a request (RFC 8951 §4): a key on P-256, signed with ECDSA and SHA-256. */
final class CsrAttributes {
    static final byte[] DER = encode();

    private CsrAttributes() {}

    private static byte[] encode() {
        AttrOrOID key = new AttrOrOID(
                new Attribute(X9ObjectIdentifiers.id_ecPublicKey, new DERSet(SECObjectIdentifiers.secp256r1)));
        AttrOrOID signature = new AttrOrOID(X9ObjectIdentifiers.ecdsa_with_SHA256);
        try {
            return new CsrAttrs(new AttrOrOID[] {key, signature}).getEncoded();
        } catch (IOException e) {
            throw new IllegalStateException("cannot encode the CSR attributes", e);
        }
    }
}
