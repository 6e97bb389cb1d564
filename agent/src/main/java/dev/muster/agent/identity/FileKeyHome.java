package dev.muster.agent.identity;

import dev.muster.agent.state.StateDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.List;
import java.util.Optional;

/** Key and certificate in one file of the state directory, {@code identity.pem} (0600): replaced together or not at all. */
public final class FileKeyHome implements KeyHome {
    private static final String FILE = "identity.pem";
    private static final String NEXT_FILE = "identity.next.pem";

    private final StateDirectory state;

    public FileKeyHome(StateDirectory state) {
        this.state = state;
    }

    @Override
    public Optional<Pair> load() throws IOException {
        Optional<byte[]> content = state.read(FILE);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        String text = new String(content.get(), StandardCharsets.US_ASCII);
        try {
            return Optional.of(new Pair(Pem.key(text), Pem.certificates(text)));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "cannot read key and certificate in " + state.path().resolve(FILE) + ": " + e.getMessage()
                            + "; delete the file and enrol again with a claim token",
                    e);
        }
    }

    @Override
    public KeyPair nextKey() throws IOException, GeneralSecurityException {
        Optional<byte[]> interrupted = state.read(NEXT_FILE);
        if (interrupted.isPresent()) {
            String text = new String(interrupted.get(), StandardCharsets.US_ASCII);
            return new KeyPair(Pem.publicKey(text), Pem.key(text));
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        String text = Pem.of(key.getPrivate()) + Pem.of(key.getPublic());
        state.write(NEXT_FILE, text.getBytes(StandardCharsets.US_ASCII));
        return key;
    }

    @Override
    public void keep(KeyPair key, List<X509Certificate> chain) throws IOException {
        String text = Pem.of(key.getPrivate()) + Pem.of(chain);
        state.write(FILE, text.getBytes(StandardCharsets.US_ASCII));
        state.delete(NEXT_FILE);
    }

    @Override
    public String description() {
        return "file " + state.path().resolve(FILE);
    }
}
