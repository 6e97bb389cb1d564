package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.jspecify.annotations.Nullable;

/** Which asset a certificate of our CA names: its only CN and its only SAN URI must agree. */
final class AssetIdentity {
    private static final int URI = 6;

    private AssetIdentity() {}

    /** Sessions keep it. */
    static Optional<AssetId> of(X509Certificate certificate) {
        String urn = onlyUri(certificate);
        String name = commonName(certificate);
        if (urn == null || name == null || !urn.equals(CertificateProfile.URN_PREFIX + name)) {
            return Optional.empty();
        }
        return AssetId.parse(name).map(AssetId::shared);
    }

    private static @Nullable String onlyUri(X509Certificate certificate) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            if (names == null || names.size() != 1) {
                return null;
            }
            List<?> name = names.iterator().next();
            return Integer.valueOf(URI).equals(name.get(0)) && name.get(1) instanceof String uri ? uri : null;
        } catch (CertificateParsingException e) {
            return null; // names nobody, which the caller refuses
        }
    }

    private static @Nullable String commonName(X509Certificate certificate) {
        RDN[] names = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded())
                .getRDNs(BCStyle.CN);
        return names.length == 1 && names[0].getFirst().getValue() instanceof ASN1String text ? text.getString() : null;
    }
}
