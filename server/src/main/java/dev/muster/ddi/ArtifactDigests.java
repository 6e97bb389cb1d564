package dev.muster.ddi;

import dev.muster.release.artifact.ArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** SHA-1 and MD5 of artifacts, worked out when they are first asked for, then stored. They protect nothing; clients ask for them. */
@Component
class ArtifactDigests {
    private final JdbcClient jdbc;
    private final ArtifactStore artifacts;
    /** One file at a time: a whole fleet asks for the same one at the same moment. */
    private final ReentrantLock working = new ReentrantLock();

    ArtifactDigests(JdbcClient jdbc, ArtifactStore artifacts) {
        this.jdbc = jdbc;
        this.artifacts = artifacts;
    }

    record Digests(String sha1, String md5) {}

    /** Empty when the artifact is not there. */
    Optional<Digests> of(String sha256) {
        Optional<Digests> known = stored(sha256);
        if (known.isPresent()) {
            return known;
        }
        working.lock();
        try {
            return stored(sha256).or(() -> artifacts.find(sha256).map(file -> workedOut(sha256, file)));
        } finally {
            working.unlock();
        }
    }

    private Optional<Digests> stored(String sha256) {
        return jdbc.sql("select sha1, md5 from artifact_digest where sha256 = :sha256")
                .param("sha256", sha256)
                .query((row, _) -> new Digests(row.getString("sha1"), row.getString("md5")))
                .optional();
    }

    private Digests workedOut(String sha256, Path file) {
        Digests digests = digests(file);
        jdbc.sql("insert into artifact_digest (sha256, sha1, md5) values (:sha256, :sha1, :md5) on conflict do nothing")
                .param("sha256", sha256)
                .param("sha1", digests.sha1())
                .param("md5", digests.md5())
                .update();
        return digests;
    }

    private static Digests digests(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            MessageDigest md5 = MessageDigest.getInstance("MD5");
            byte[] piece = new byte[64 * 1024];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                sha1.update(piece, 0, read);
                md5.update(piece, 0, read);
            }
            return new Digests(
                    HexFormat.of().formatHex(sha1.digest()), HexFormat.of().formatHex(md5.digest()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the artifact " + file, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-1 or MD5 is missing", e);
        }
    }
}
