package dev.muster.agent.identity;

import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * Key and certificate in a PKCS #11 token (OASIS PKCS #11 2.40): the key is made there, sensitive and not extractable, and
 * signs there. The state directory only names the current one, {@code identity.alias}.
 */
public final class TokenKeyHome implements KeyHome {
    private static final String FILE = "identity.alias";
    private static final String ALIAS_PREFIX = "muster-";
    private static final String NEXT = ALIAS_PREFIX + "next";

    private final StateDirectory state;
    private final Path library;
    private final Provider provider;
    private final KeyStore token;
    private final char[] pin;

    /**
     * Logs in to the token.
     *
     * @param slot its number as the library counts; negative for the first slot with a token
     * @throws IOException saying what is wrong with library, slot or PIN
     */
    public TokenKeyHome(StateDirectory state, Path library, long slot, Path pinFile) throws IOException {
        this.state = state;
        this.library = library;
        this.pin = Files.readString(pinFile).strip().toCharArray();
        try {
            this.provider = provider(library, slot);
            this.token = KeyStore.getInstance("PKCS11", provider);
            token.load(null, pin);
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new IOException(
                    "cannot use the PKCS #11 token in slot " + slot + " of " + library + ": " + reason(e), e);
        } catch (IOException e) {
            throw new IOException(
                    "cannot log in to the PKCS #11 token in slot " + slot + " of " + library + " with the PIN in "
                            + pinFile + ": " + reason(e),
                    e);
        }
        Security.addProvider(provider); // last: TLS turns to it for keys that no other provider can use
    }

    private static Provider provider(Path library, long slot) {
        Provider template = Security.getProvider("SunPKCS11");
        if (template == null) {
            throw new IllegalStateException("this Java runtime has no module jdk.crypto.cryptoki");
        }
        String where = slot < 0 ? "slotListIndex = 0" : "slot = " + slot;
        return template.configure("""
                --name = Muster
                library = %s
                %s
                attributes(generate, CKO_PRIVATE_KEY, *) = {
                  CKA_SENSITIVE = true
                  CKA_EXTRACTABLE = false
                  CKA_SIGN = true
                }
                """.formatted(library, where));
    }

    @Override
    public Optional<Pair> load() throws IOException {
        Optional<byte[]> content = state.read(FILE);
        try {
            if (content.isPresent()) {
                String alias = new String(content.get(), StandardCharsets.UTF_8).strip();
                Optional<Pair> named = find(alias);
                if (named.isEmpty()) {
                    throw new IOException("the PKCS #11 token has no key named " + alias + ", which "
                            + state.path().resolve(FILE)
                            + " names; is it another token? delete the file to enrol again");
                }
                return named;
            }
            return unnamed();
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot read the keys of the PKCS #11 token: " + reason(e), e);
        }
    }

    private Optional<Pair> find(String alias) throws GeneralSecurityException {
        Key key = token.getKey(alias, null);
        Certificate[] chain = token.getCertificateChain(alias);
        return key instanceof PrivateKey own && chain != null
                ? Optional.of(new Pair(own, certificates(chain)))
                : Optional.empty();
    }

    /** The youngest certificate of an agent that died before it could name it. */
    private Optional<Pair> unnamed() throws GeneralSecurityException {
        Optional<Pair> youngest = Optional.empty();
        for (String alias : own()) {
            Optional<Pair> found = alias.equals(NEXT) ? Optional.empty() : find(alias);
            if (found.isPresent()
                    && youngest.map(before -> issued(before) < issued(found.get()))
                            .orElse(true)) {
                youngest = found;
            }
        }
        return youngest;
    }

    private static long issued(Pair pair) {
        return pair.chain().getFirst().getNotBefore().getTime();
    }

    /** Java finds a key in a token only by a certificate, so the next key has one of its own until there is a real one. */
    @Override
    public KeyPair nextKey() throws GeneralSecurityException {
        if (token.containsAlias(NEXT)) {
            Optional<Pair> interrupted = find(NEXT);
            if (interrupted.isPresent()) {
                Pair pair = interrupted.get();
                return new KeyPair(pair.chain().getFirst().getPublicKey(), pair.key());
            }
            token.deleteEntry(NEXT);
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        X509Certificate placeholder =
                CertificateRequest.placeholder(new X500Principal("CN=" + NEXT), key.getPublic(), key.getPrivate());
        token.setKeyEntry(NEXT, key.getPrivate(), null, new Certificate[] {placeholder});
        return new KeyPair(
                placeholder.getPublicKey(),
                find(NEXT)
                        .orElseThrow(() -> new GeneralSecurityException("the token does not give back the key it made"))
                        .key());
    }

    /** Storing the next key under its own name takes it away from {@link #NEXT}; the current one is not touched. */
    @Override
    public void keep(KeyPair key, List<X509Certificate> chain) throws IOException, GeneralSecurityException {
        String alias = ALIAS_PREFIX + chain.getFirst().getSerialNumber().toString(16);
        token.setKeyEntry(alias, key.getPrivate(), null, chain.toArray(Certificate[]::new));
        state.write(FILE, alias.getBytes(StandardCharsets.UTF_8));
        for (String other : own()) {
            if (!other.equals(alias)) {
                token.deleteEntry(other);
            }
        }
    }

    private List<String> own() throws GeneralSecurityException {
        List<String> found = new ArrayList<>();
        token.aliases().asIterator().forEachRemaining(found::add);
        found.removeIf(alias -> !alias.startsWith(ALIAS_PREFIX));
        return found;
    }

    private static List<X509Certificate> certificates(Certificate[] chain) {
        return Arrays.stream(chain).map(X509Certificate.class::cast).toList();
    }

    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    @Override
    public String description() {
        return "PKCS #11 token of " + library;
    }
}
