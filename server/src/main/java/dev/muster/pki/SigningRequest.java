package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.CertificationRequest;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/**
 * A certificate signing request (PKCS#10, RFC 2986) that passed every check: who it is for, and the key whose possession
 * its signature proves.
 *
 * <p>The subject's CN is the asset id; other parts of the subject are dropped. Of the requested extensions only a SAN is
 * looked at, which may hold nothing but the asset's own URN, and those that would ask for a CA: both are refused rather
 * than dropped, because their sender expects something it would not get. All others are ignored; what the certificate
 * contains is decided by {@link CertificateProfile}.
 */
record SigningRequest(AssetId asset, PublicKey key) {
    static final int MAX_BYTES = 16 * 1024;
    static final int MIN_RSA_BITS = 2048;
    static final int MAX_RSA_BITS = 4096;

    private static final int MAX_ATTRIBUTES = 16;
    private static final int MAX_NAMES = 8;
    private static final String KEYS_ALLOWED =
            "EC on P-256 or P-384, Ed25519, RSA of " + MIN_RSA_BITS + " to " + MAX_RSA_BITS + " bits";

    /** RFC 5758, RFC 8410, RFC 4055; nothing with SHA-1 or MD5. */
    private static final Map<ASN1ObjectIdentifier, String> SIGNATURES = Map.of(
            X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA",
            X9ObjectIdentifiers.ecdsa_with_SHA512, "SHA512withECDSA",
            PKCSObjectIdentifiers.sha256WithRSAEncryption, "SHA256withRSA",
            PKCSObjectIdentifiers.sha384WithRSAEncryption, "SHA384withRSA",
            PKCSObjectIdentifiers.sha512WithRSAEncryption, "SHA512withRSA",
            EdECObjectIdentifiers.id_Ed25519, "Ed25519");

    /** What came of looking at a request. */
    sealed interface Checked {
        record Accepted(SigningRequest request) implements Checked {}

        /** @param code stable, snake case */
        record Rejected(String code, String message) implements Checked {}
    }

    static Checked check(byte[] der) {
        if (der.length > MAX_BYTES) {
            return new Checked.Rejected(
                    "csr_too_large",
                    "the certificate request has " + der.length + " bytes, at most " + MAX_BYTES + " are allowed");
        }
        try {
            return new Checked.Accepted(read(CertificationRequest.getInstance(der)));
        } catch (Unacceptable e) {
            return new Checked.Rejected(e.code, e.text());
        } catch (RuntimeException | IOException e) {
            // the ASN.1 library answers hostile bytes with many kinds of exceptions, some as late as on access
            return new Checked.Rejected(
                    "csr_malformed",
                    "the body is no certificate request: a PKCS#10 structure is expected, DER in base64"
                            + " (openssl req -new -outform DER | base64)");
        }
    }

    private static SigningRequest read(CertificationRequest request) throws Unacceptable, IOException {
        SubjectPublicKeyInfo keyInfo = request.getCertificationRequestInfo().getSubjectPublicKeyInfo();
        PublicKey key = publicKey(keyInfo);
        verifyPossession(request, key);
        AssetId asset = subject(request.getCertificationRequestInfo().getSubject());
        checkAttributes(request, asset);
        return new SigningRequest(asset, key);
    }

    private static PublicKey publicKey(SubjectPublicKeyInfo info) throws Unacceptable, IOException {
        ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
        if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
            checkCurve(info);
            return decode("EC", info);
        }
        if (algorithm.equals(EdECObjectIdentifiers.id_Ed25519)) {
            return decode("Ed25519", info);
        }
        if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)) {
            PublicKey key = decode("RSA", info);
            checkRsa((RSAPublicKey) key);
            return key;
        }
        throw new Unacceptable(
                "key_not_allowed", "the key's algorithm " + algorithm + " is not allowed; use " + KEYS_ALLOWED);
    }

    private static void checkCurve(SubjectPublicKeyInfo info) throws Unacceptable {
        if (!(info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curve)) {
            throw new Unacceptable(
                    "key_not_allowed",
                    "the EC key spells out its curve's parameters; use a named curve, P-256 or P-384");
        }
        if (!curve.equals(SECObjectIdentifiers.secp256r1) && !curve.equals(SECObjectIdentifiers.secp384r1)) {
            throw new Unacceptable(
                    "key_not_allowed", "the EC key's curve " + curve + " is not allowed; use " + KEYS_ALLOWED);
        }
        X9ECParameters parameters = ECNamedCurveTable.getByOID(curve);
        byte[] point = info.getPublicKeyData().getOctets();
        if (point.length != 1 + 2 * ((parameters.getCurve().getFieldSize() + 7) / 8) || point[0] != 4) {
            throw new Unacceptable("key_not_allowed", "the EC key's point must be uncompressed");
        }
        try {
            parameters.getCurve().decodePoint(point);
        } catch (IllegalArgumentException e) {
            throw new Unacceptable("key_not_allowed", "the EC key's point is not on its curve");
        }
    }

    private static void checkRsa(RSAPublicKey key) throws Unacceptable {
        int bits = key.getModulus().bitLength();
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new Unacceptable("key_not_allowed", "the RSA key has " + bits + " bits; use " + KEYS_ALLOWED);
        }
        BigInteger exponent = key.getPublicExponent();
        if (!key.getModulus().testBit(0)
                || !exponent.testBit(0)
                || exponent.bitLength() < 17
                || exponent.bitLength() > 32) {
            throw new Unacceptable(
                    "key_not_allowed",
                    "the RSA key's public exponent or modulus is unsafe; use an odd exponent of 17 to 32 bits, usually 65537");
        }
    }

    private static PublicKey decode(String algorithm, SubjectPublicKeyInfo info) throws Unacceptable, IOException {
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePublic(new X509EncodedKeySpec(info.getEncoded(ASN1Encoding.DER)));
        } catch (GeneralSecurityException e) {
            throw new Unacceptable(
                    "key_not_allowed", "the " + algorithm + " public key is damaged; use " + KEYS_ALLOWED);
        }
    }

    private static void verifyPossession(CertificationRequest request, PublicKey key) throws Unacceptable, IOException {
        AlgorithmIdentifier algorithm = request.getSignatureAlgorithm();
        String name = SIGNATURES.get(algorithm.getAlgorithm());
        if (name == null) {
            throw new Unacceptable(
                    "signature_not_allowed",
                    "the request is signed with algorithm " + algorithm.getAlgorithm()
                            + "; use ECDSA or RSA (PKCS#1) with SHA-256, SHA-384 or SHA-512, or Ed25519");
        }
        try {
            Signature signature = Signature.getInstance(name);
            signature.initVerify(key);
            signature.update(request.getCertificationRequestInfo().getEncoded(ASN1Encoding.DER));
            if (signature.verify(request.getSignature().getOctets())) {
                return;
            }
        } catch (GeneralSecurityException e) {
            // a signature of the wrong shape or for another kind of key proves nothing either
        }
        throw new Unacceptable(
                "signature_wrong",
                "the request's signature does not verify with the key inside it, so its sender does not hold the private key");
    }

    private static AssetId subject(X500Name subject) throws Unacceptable {
        List<String> names = new java.util.ArrayList<>();
        for (RDN rdn : subject.getRDNs()) {
            for (AttributeTypeAndValue part : rdn.getTypesAndValues()) {
                if (part.getType().equals(BCStyle.CN) && part.getValue() instanceof ASN1String text) {
                    names.add(text.getString());
                }
            }
        }
        if (names.size() != 1) {
            throw new Unacceptable(
                    "subject_not_allowed",
                    "the request's subject has " + names.size()
                            + " common names; exactly one is expected, the asset id");
        }
        return AssetId.parse(names.getFirst())
                .orElseThrow(() -> new Unacceptable(
                        "subject_not_allowed",
                        "the request's common name is no asset id, which has the form " + AssetId.PATTERN));
    }

    private static void checkAttributes(CertificationRequest request, AssetId asset) throws Unacceptable {
        var attributes = request.getCertificationRequestInfo().getAttributes();
        if (attributes == null) {
            return;
        }
        if (attributes.size() > MAX_ATTRIBUTES) {
            throw new Unacceptable(
                    "csr_too_large",
                    "the request has " + attributes.size() + " attributes, at most " + MAX_ATTRIBUTES + " are allowed");
        }
        for (var element : attributes) {
            Attribute attribute = Attribute.getInstance(element);
            if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
                for (var value : attribute.getAttrValues()) {
                    checkExtensions(Extensions.getInstance(value), asset);
                }
            }
        }
    }

    private static void checkExtensions(Extensions requested, AssetId asset) throws Unacceptable {
        BasicConstraints constraints = BasicConstraints.fromExtensions(requested);
        if (constraints != null && constraints.isCA()) {
            throw new Unacceptable(
                    "extension_not_allowed", "the request asks for a CA certificate; leave basicConstraints out");
        }
        KeyUsage usage = KeyUsage.fromExtensions(requested);
        if (usage != null && (usage.hasUsages(KeyUsage.keyCertSign) || usage.hasUsages(KeyUsage.cRLSign))) {
            throw new Unacceptable(
                    "extension_not_allowed",
                    "the request asks for a key that signs certificates; leave keyUsage out, it will be digitalSignature");
        }
        GeneralNames names = GeneralNames.fromExtensions(requested, Extension.subjectAlternativeName);
        if (names != null) {
            checkNames(names.getNames(), asset);
        }
    }

    private static void checkNames(@Nullable GeneralName[] names, AssetId asset) throws Unacceptable {
        String own = CertificateProfile.URN_PREFIX + asset.value();
        if (names.length > MAX_NAMES) {
            throw new Unacceptable(
                    "csr_too_large",
                    "the request has " + names.length + " alternative names, at most " + MAX_NAMES + " are allowed");
        }
        for (GeneralName name : names) {
            boolean allowed = name != null
                    && name.getTagNo() == GeneralName.uniformResourceIdentifier
                    && name.getName() instanceof ASN1String text
                    && text.getString().equals(own);
            if (!allowed) {
                throw new Unacceptable(
                        "extension_not_allowed",
                        "the request asks for a subject alternative name that asset " + asset
                                + " does not own; leave subjectAltName out, or ask for URI:" + own + " only");
            }
        }
    }

    /** Ends the checks at the first refusal. */
    private static final class Unacceptable extends Exception {
        private final String code;

        Unacceptable(String code, String message) {
            super(message, null, false, false);
            this.code = code;
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }
}
