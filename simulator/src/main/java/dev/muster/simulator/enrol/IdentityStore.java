package dev.muster.simulator.enrol;

import dev.muster.protocol.AssetId;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keys and certificates of simulated assets in a directory: {@code ca.pem}, and {@code ID.pem} (0600) for each asset, or
 * {@code ID.wiped} for one that was wiped.
 */
public final class IdentityStore {
    private static final Base64.Encoder PEM_BODY = Base64.getMimeEncoder(64, new byte[] {'\n'});
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path directory;

    public IdentityStore(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    public Optional<AssetIdentity> find(AssetId id) throws IOException {
        Path file = fileOf(id);
        Path caFile = directory.resolve("ca.pem");
        if (!Files.exists(file) || !Files.exists(caFile)) {
            return Optional.empty();
        }
        String pem = Files.readString(file);
        try {
            return Optional.of(
                    new AssetIdentity(id, privateKey(pem), certificates(pem), certificates(Files.readString(caFile))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(
                    "cannot read the key and certificate in " + file + ": " + e.getMessage()
                            + "; delete the file to enrol again",
                    e);
        }
    }

    public void save(AssetIdentity identity) throws IOException {
        try {
            Path caFile = directory.resolve("ca.pem");
            if (!Files.exists(caFile)) {
                write(caFile, certificatePem(identity.cas()));
            }
            String key = pem("PRIVATE KEY", identity.key().getEncoded());
            write(fileOf(identity.id()), key + certificatePem(identity.chain()));
        } catch (CertificateEncodingException e) {
            throw new IOException("cannot write the certificate of asset " + identity.id(), e);
        }
    }

    /** Destroys the key; what is left says that the asset is not to enrol again by itself. */
    public void forget(AssetId id) throws IOException {
        // first, so that a kill in between leaves none that enrols
        write(tombstoneOf(id), "wiped at " + Instant.now() + "; delete this file to let the asset enrol again\n");
        Path file = fileOf(id);
        if (Files.exists(file)) {
            Files.write(file, new byte[(int) Files.size(file)]);
            Files.delete(file);
        }
    }

    public boolean isWiped(AssetId id) {
        return Files.exists(tombstoneOf(id));
    }

    private Path tombstoneOf(AssetId id) {
        return directory.resolve(id.value() + ".wiped");
    }

    private Path fileOf(AssetId id) {
        return directory.resolve(id.value() + ".pem");
    }

    /** Whole or not at all: written beside, then moved. */
    private static void write(Path file, String content) throws IOException {
        Path beside = Files.createTempFile(
                file.getParent(), ".new", ".pem", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.writeString(beside, content);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String certificatePem(List<X509Certificate> chain) throws CertificateEncodingException {
        StringBuilder text = new StringBuilder();
        for (X509Certificate certificate : chain) {
            text.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        return text.toString();
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n" + PEM_BODY.encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static PrivateKey privateKey(String pem) throws GeneralSecurityException {
        String begin = "-----BEGIN PRIVATE KEY-----";
        int from = pem.indexOf(begin);
        int to = pem.indexOf("-----END PRIVATE KEY-----");
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("there is no PRIVATE KEY block");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(from + begin.length(), to));
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    private static List<X509Certificate> certificates(String pem) throws GeneralSecurityException {
        int from = pem.indexOf("-----BEGIN CERTIFICATE-----");
        if (from < 0) {
            throw new IllegalArgumentException("there is no CERTIFICATE block");
        }
        byte[] text = pem.substring(from).getBytes(StandardCharsets.US_ASCII);
        List<X509Certificate> found = new ArrayList<>();
        for (Certificate certificate :
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(text))) {
            found.add((X509Certificate) certificate);
        }
        return found;
    }
}
