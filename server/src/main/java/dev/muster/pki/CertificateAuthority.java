package dev.muster.pki;

import dev.muster.protocol.AssetId;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The internal CA in memory: the root's certificate, and the issuing CA that signs for servers and assets.
 *
 * <p>The root's private key is not here; it is only unsealed to sign an issuing CA ({@link CaDirectory}).
 */
public final class CertificateAuthority {
    private final X509Certificate root;
    private final List<X509Certificate> issuing;
    private final PrivateKey issuingKey;
    private final CertificateProfile profile;
    private final String rootPin;

    /**
     * @param issuing newest first: it signs, the others are still trusted until they expire
     * @param issuingKey of the newest
     */
    CertificateAuthority(
            X509Certificate root, List<X509Certificate> issuing, PrivateKey issuingKey, CertificateProfile profile) {
        this.root = root;
        this.issuing = List.copyOf(issuing);
        this.issuingKey = issuingKey;
        this.profile = profile;
        this.rootPin = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(sha256(root.getPublicKey().getEncoded()));
    }

    public X509Certificate root() {
        return root;
    }

    /** Newest first. */
    public List<X509Certificate> issuing() {
        return issuing;
    }

    /** Issuing CA first, root last: what an asset must trust. */
    public List<X509Certificate> chain() {
        List<X509Certificate> chain = new ArrayList<>(issuing);
        chain.add(root);
        return List.copyOf(chain);
    }

    /** SHA-256 of the root's SubjectPublicKeyInfo, base64url: by this an asset verifies its first contact. */
    public String rootPin() {
        return rootPin;
    }

    X509Certificate signAsset(AssetId asset, PublicKey key, Instant now, Duration lifetime) {
        return profile.asset(asset, key, issuing.getFirst(), issuingKey, now, lifetime);
    }

    X509Certificate signServer(List<String> hosts, PublicKey key, Instant now, Duration lifetime) {
        return profile.server(hosts, key, issuing.getFirst(), issuingKey, now, lifetime);
    }

    /** Whether one of our issuing CAs signed it; does not look at validity or revocation. */
    boolean signed(X509Certificate certificate) {
        for (X509Certificate ca : issuing) {
            if (ca.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
                try {
                    certificate.verify(ca.getPublicKey());
                    return true;
                } catch (GeneralSecurityException e) {
                    continue; // issuing CAs may share a name; a bad signature by all of them is the answer "no"
                }
            }
        }
        return false;
    }

    static KeyPair generateKey(String curve, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK cannot generate a key on " + curve, e);
        }
    }

    static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "CertificateAuthority[" + issuing.getFirst().getSubjectX500Principal() + "]";
    }
}
