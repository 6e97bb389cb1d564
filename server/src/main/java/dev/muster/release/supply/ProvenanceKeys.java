package dev.muster.release.supply;

import dev.muster.platform.config.SettingsException;
import dev.muster.protocol.provenance.Envelope;
import dev.muster.protocol.tuf.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys of those who build, of whom provenance is believed; with none at all nobody's signature is looked at. */
public record ProvenanceKeys(List<PublicKey> keys) {
    public static final ProvenanceKeys NONE = new ProvenanceKeys(List.of());
    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]*)-----END PUBLIC KEY-----");

    public ProvenanceKeys {
        keys = List.copyOf(keys);
    }

    /** @param file of public keys in PEM, one after the other; empty for none */
    public static ProvenanceKeys in(Path file) {
        if (file.toString().isEmpty()) {
            return NONE;
        }
        List<PublicKey> keys = new ArrayList<>();
        try {
            Matcher blocks = PEM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
            while (blocks.find()) {
                keys.add(key(Base64.getMimeDecoder().decode(blocks.group(1))));
            }
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new SettingsException(
                    List.of("release-provenance-keys: cannot read public keys in " + file + ": " + e.getMessage()));
        }
        if (keys.isEmpty()) {
            throw new SettingsException(List.of("release-provenance-keys: " + file
                    + " has no PUBLIC KEY block; openssl pkey -in KEY -pubout writes one"));
        }
        return new ProvenanceKeys(keys);
    }

    private static PublicKey key(byte[] spki) throws GeneralSecurityException {
        X509EncodedKeySpec spec = new X509EncodedKeySpec(spki);
        try {
            return KeyFactory.getInstance("Ed25519").generatePublic(spec);
        } catch (GeneralSecurityException other) {
            return KeyFactory.getInstance("EC").generatePublic(spec);
        }
    }

    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /** SHA-256 of the key, of those believed, that has signed; empty when none has. */
    Optional<String> signerOf(Envelope envelope) {
        return keys.stream().filter(envelope::isSignedBy).findFirst().map(key -> Sha256.of(key.getEncoded()));
    }
}
