package dev.muster.agent.identity;

import dev.muster.agent.state.StateDirectory;
import dev.muster.protocol.AssetId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The identity that the agent has now, how it came by it and how it gets the next. Enrolment and renewal on one thread. */
public final class Identities {
    private static final String ROOTS_FILE = "ca.pem";
    private static final String URN_PREFIX = "urn:muster:asset:";
    private static final int URI_NAME = 6; // GeneralName of RFC 5280 §4.2.1.6

    private final StateDirectory state;
    private final KeyHome home;
    private final EstClient est;
    private List<X509Certificate> roots = List.of();
    private volatile @Nullable Identity current;

    public Identities(StateDirectory state, KeyHome home, EstClient est) {
        this.state = state;
        this.home = home;
        this.est = est;
    }

    /** Reads what an earlier run left. @return whether there is an identity */
    public boolean load() throws IOException {
        Optional<byte[]> pem = state.read(ROOTS_FILE);
        Optional<KeyHome.Pair> pair = home.load();
        if (pem.isEmpty() || pair.isEmpty()) {
            return false;
        }
        try {
            roots = Pem.certificates(new String(pem.get(), StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "cannot read the root certificate in "
                            + state.path().resolve(ROOTS_FILE) + ": " + e.getMessage()
                            + "; delete the file and enrol again with a claim token",
                    e);
        }
        KeyHome.Pair found = pair.get();
        current = new Identity(assetOf(found.chain().getFirst()), found.key(), found.chain());
        return true;
    }

    /** Gets the first identity, or another one where the last has expired. The root that the token pins is trusted from now on. */
    public Identity enrol(AssetId id, ClaimToken token) throws EnrolmentException, IOException {
        List<X509Certificate> pinned = est.pinnedRoots(token);
        try {
            KeyPair key = home.nextKey();
            List<X509Certificate> chain = est.enrol(id, key, token, pinned);
            state.write(ROOTS_FILE, Pem.of(pinned).getBytes(StandardCharsets.US_ASCII));
            roots = pinned;
            return keep(key, chain);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot make a key in " + home.description() + ": " + e.getMessage(), e);
        }
    }

    public Identity renew() throws EnrolmentException, IOException {
        try {
            KeyPair key = home.nextKey();
            return keep(key, est.renew(current(), key, roots));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot make a key in " + home.description() + ": " + e.getMessage(), e);
        }
    }

    private Identity keep(KeyPair key, List<X509Certificate> chain) throws IOException, GeneralSecurityException {
        home.keep(key, chain);
        // Read back: what is used from now on is what a restart would find.
        if (!load()) {
            throw new IOException("the new key is not found in " + home.description());
        }
        return current();
    }

    public Identity current() {
        Identity identity = current;
        if (identity == null) {
            throw new IllegalStateException("the agent is not enrolled");
        }
        return identity;
    }

    /** For people: where the key is. */
    public String keyHome() {
        return home.description();
    }

    /** Trusts the server's root, shows the identity. */
    public SSLContext tls(Identity identity) {
        return Tls.trusting(roots, identity);
    }

    /** The SAN URI says it; the subject is for people. */
    private static AssetId assetOf(X509Certificate certificate) throws IOException {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            for (List<?> name : names == null ? List.<List<?>>of() : names) {
                if (name.get(0).equals(URI_NAME) && name.get(1) instanceof String uri && uri.startsWith(URN_PREFIX)) {
                    return new AssetId(uri.substring(URN_PREFIX.length()));
                }
            }
        } catch (CertificateParsingException | IllegalArgumentException e) {
            throw new IOException("the certificate of the asset cannot be read: " + e.getMessage(), e);
        }
        throw new IOException("the certificate of the asset has no name of the form " + URN_PREFIX + "ID");
    }
}
