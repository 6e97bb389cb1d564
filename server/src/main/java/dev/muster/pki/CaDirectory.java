package dev.muster.pki;

import dev.muster.platform.error.StartRefusal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CA's files: {@code root.crt}, {@code root.key}, {@code issuing-N.crt}, {@code issuing-N.key}, {@code ca.pem}.
 *
 * <p>A key is written before its certificate, so a certificate is the sign that its CA is complete; a key alone is an
 * unfinished creation that signed nothing. {@code root.key} is needed only to sign an issuing CA and may be kept offline
 * between rotations.
 */
final class CaDirectory {
    static final Duration ROOT_LIFETIME = Duration.ofDays(20 * 365);
    static final Duration ISSUING_LIFETIME = Duration.ofDays(5 * 365);

    /** With less than this left, the next start signs a new issuing CA: assets then never get shortened certificates. */
    static final Duration ISSUING_RENEWAL = Duration.ofDays(2 * 365);

    /** More would mean that something creates issuing CAs in a loop. */
    static final int MAX_ISSUING = 32;

    private static final Logger log = LoggerFactory.getLogger(CaDirectory.class);
    private static final Pattern ISSUING = Pattern.compile("issuing-([0-9]{1,4})\\.crt");

    private final Path directory;
    private final KeySeal seal;
    private final SecureRandom random;
    private final CertificateProfile profile;

    /** Only when it was just created. */
    private @Nullable PrivateKey rootKey;

    CaDirectory(Path directory, KeySeal seal, SecureRandom random) {
        this.directory = directory;
        this.seal = seal;
        this.random = random;
        this.profile = new CertificateProfile(random);
    }

    /** Whether a root exists, or traces of one that must not be replaced silently. */
    static boolean holdsCa(Path directory) {
        return Files.exists(directory.resolve("root.crt"))
                || !issuingCertificates(directory).isEmpty();
    }

    CertificateAuthority open(Instant now) {
        PrivateFiles.createDirectory(directory);
        if (!holdsCa(directory)) {
            createRoot(now);
        }
        X509Certificate root = readCertificate(rootCertificate());
        if (!root.getNotAfter().toInstant().isAfter(now)) {
            throw new StartRefusal("cannot use the CA in " + directory + ": its root expired at "
                    + root.getNotAfter().toInstant()
                    + "; move the directory away to create a new CA, every asset must then enrol again");
        }
        List<Issuing> issuing = readIssuing(root, now);
        if (issuing.isEmpty()) {
            issuing = List.of(createIssuing(root, nextNumber(), now));
        } else if (issuing.getFirst().expires().isBefore(now.plus(ISSUING_RENEWAL))) {
            issuing = rotate(root, issuing, now);
        }
        Issuing newest = issuing.getFirst();
        PrivateKey key = newest.key() != null ? newest.key() : openKey(newest.keyFile(), newest.certificate());
        CertificateAuthority authority = new CertificateAuthority(
                root, issuing.stream().map(Issuing::certificate).toList(), key, profile);
        writeChain(authority);
        rootKey = null;
        return authority;
    }

    private void createRoot(Instant now) {
        KeyPair pair = CertificateAuthority.generateKey("secp384r1", random);
        X509Certificate root =
                profile.root(nameOf("Muster Root CA", pair), pair.getPublic(), pair.getPrivate(), now, ROOT_LIFETIME);
        writeKey(directory.resolve("root.key"), pair.getPrivate());
        PrivateFiles.write(rootCertificate(), Pem.of(root).getBytes(StandardCharsets.US_ASCII));
        rootKey = pair.getPrivate();
        log.info(
                "created the root CA in {}, valid until {}",
                directory,
                root.getNotAfter().toInstant());
    }

    private Issuing createIssuing(X509Certificate root, int number, Instant now) {
        PrivateKey signer = rootKey != null ? rootKey : openKey(directory.resolve("root.key"), root);
        KeyPair pair = CertificateAuthority.generateKey("secp256r1", random);
        X509Certificate certificate = profile.issuing(
                nameOf("Muster Issuing CA " + number, pair), pair.getPublic(), root, signer, now, ISSUING_LIFETIME);
        Path keyFile = keyFile(number);
        writeKey(keyFile, pair.getPrivate());
        PrivateFiles.write(certificateFile(number), Pem.of(certificate).getBytes(StandardCharsets.US_ASCII));
        log.info(
                "created issuing CA {} in {}, valid until {}",
                number,
                directory,
                certificate.getNotAfter().toInstant());
        return new Issuing(number, certificate, keyFile, pair.getPrivate());
    }

    /** With a piece of the key's hash: another CA never has the same name, not even one made after this one was given up. */
    private static String nameOf(String role, KeyPair pair) {
        byte[] hash = CertificateAuthority.sha256(pair.getPublic().getEncoded());
        return role + " " + HexFormat.of().formatHex(hash, 0, 4);
    }

    /** A root key that is kept offline is no reason not to start, as long as the issuing CA lives. */
    private List<Issuing> rotate(X509Certificate root, List<Issuing> issuing, Instant now) {
        if (!Files.exists(directory.resolve("root.key"))) {
            log.warn(
                    "issuing CA {} expires at {} and {} is not there to sign the next one; bring it back for one start",
                    issuing.getFirst().number(),
                    issuing.getFirst().expires(),
                    directory.resolve("root.key"));
            return issuing;
        }
        List<Issuing> rotated = new ArrayList<>();
        rotated.add(createIssuing(root, nextNumber(), now));
        rotated.addAll(issuing);
        return rotated;
    }

    /** Those not expired, newest first. */
    private List<Issuing> readIssuing(X509Certificate root, Instant now) {
        List<Issuing> found = new ArrayList<>();
        for (int number : issuingCertificates(directory)) {
            X509Certificate certificate = readCertificate(certificateFile(number));
            try {
                certificate.verify(root.getPublicKey());
            } catch (GeneralSecurityException e) {
                throw new StartRefusal(
                        "cannot use " + certificateFile(number) + ": it was not signed by the root in "
                                + rootCertificate() + "; restore both from the same backup",
                        e);
            }
            if (certificate.getNotAfter().toInstant().isAfter(now)) {
                found.add(new Issuing(number, certificate, keyFile(number), null));
            }
        }
        found.sort(Comparator.comparingInt(Issuing::number).reversed());
        return found;
    }

    private int nextNumber() {
        int next =
                issuingCertificates(directory).stream().mapToInt(n -> n).max().orElse(0) + 1;
        if (next > MAX_ISSUING) {
            throw new StartRefusal("cannot create another issuing CA in " + directory + ": there are already "
                    + (next - 1) + ", at most " + MAX_ISSUING + " are expected; is the clock right?");
        }
        return next;
    }

    private static List<Integer> issuingCertificates(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Integer> numbers = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "issuing-*.crt")) {
            for (Path file : files) {
                Matcher matcher = ISSUING.matcher(file.getFileName().toString());
                if (matcher.matches()) {
                    numbers.add(Integer.parseInt(matcher.group(1)));
                }
            }
        } catch (IOException e) {
            throw new StartRefusal("cannot list the CA's directory " + directory + ": " + e.getMessage(), e);
        }
        return numbers;
    }

    private X509Certificate readCertificate(Path file) {
        byte[] der = Pem.read(PrivateFiles.read(file), "CERTIFICATE", file);
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new StartRefusal(
                    "cannot read " + file + ": it holds no X.509 certificate; restore it from a backup", e);
        }
    }

    private void writeKey(Path file, PrivateKey key) {
        PrivateFiles.write(
                file, Pem.block("ENCRYPTED PRIVATE KEY", seal.seal(key, random)).getBytes(StandardCharsets.US_ASCII));
    }

    private PrivateKey openKey(Path file, X509Certificate certificate) {
        PrivateKey key = seal.open(Pem.read(PrivateFiles.read(file), "ENCRYPTED PRIVATE KEY", file), file);
        byte[] probe = {1};
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(key, random);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(probe);
            if (signature.verify(signed)) {
                return key;
            }
        } catch (GeneralSecurityException e) {
            throw new StartRefusal(
                    "cannot use the private key in " + file + ": it does not sign; restore it from a backup", e);
        }
        throw new StartRefusal(
                "cannot use the private key in " + file + ": it does not belong to the certificate beside it" + " ("
                        + certificate.getSubjectX500Principal() + "); restore both from the same backup");
    }

    /** For people and tools ({@code curl --cacert}); rewritten at each start, never read. */
    private void writeChain(CertificateAuthority authority) {
        PrivateFiles.write(
                directory.resolve("ca.pem"), Pem.of(authority.chain()).getBytes(StandardCharsets.US_ASCII));
    }

    private Path rootCertificate() {
        return directory.resolve("root.crt");
    }

    private Path certificateFile(int number) {
        return directory.resolve("issuing-" + number + ".crt");
    }

    private Path keyFile(int number) {
        return directory.resolve("issuing-" + number + ".key");
    }

    /** @param key when it was just created */
    private record Issuing(
            int number,
            X509Certificate certificate,
            Path keyFile,
            @Nullable PrivateKey key) {
        Instant expires() {
            return certificate.getNotAfter().toInstant();
        }
    }
}
