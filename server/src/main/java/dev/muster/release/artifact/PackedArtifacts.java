package dev.muster.release.artifact;

import com.github.luben.zstd.ZstdOutputStream;
import dev.muster.protocol.delta.DeltaMaker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Smaller forms of artifacts: {@code abc….zst}, packed, and {@code abc….from.def…}, what makes {@code abc…} from {@code def…}. Files that end
 * in {@code .not} say that there is none because it would not be worth it. All of it can be made again.
 */
public final class PackedArtifacts {
    private static final int LEVEL = 9;
    /** What every client that reads zstd can unpack: RFC 9659. */
    private static final int WINDOW_LOG = 23;

    private static final int CHUNK = 1 << 17;
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{64})\\.(?:zst|from\\.([0-9a-f]{64}))(?:\\.not)?");

    private final Path directory;
    private final ArtifactStore artifacts;

    public PackedArtifacts(Path directory, ArtifactStore artifacts) {
        this.directory = directory;
        this.artifacts = artifacts;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot prepare the folder of packed artifacts " + directory, e);
        }
    }

    public Optional<Path> packed(String sha256) {
        return there(packedName(sha256));
    }

    public Optional<Path> delta(String sha256, String base) {
        return there(deltaName(sha256, base));
    }

    private Optional<Path> there(String name) {
        Path file = directory.resolve(name);
        return NAME.matcher(name).matches() && Files.exists(file) ? Optional.of(file) : Optional.empty();
    }

    /** Whether it was packed, or is not worth it. */
    public boolean isPackingDecided(String sha256) {
        return isDecided(packedName(sha256));
    }

    public boolean isDeltaDecided(String sha256, String base) {
        return isDecided(deltaName(sha256, base));
    }

    private boolean isDecided(String name) {
        return Files.exists(directory.resolve(name)) || Files.exists(directory.resolve(name + ".not"));
    }

    private static String packedName(String sha256) {
        return sha256 + ".zst";
    }

    private static String deltaName(String sha256, String base) {
        return sha256 + ".from." + base;
    }

    /** Packs an artifact, unless that saves less than a tenth. @param stopped asked often; then nothing is decided */
    public void pack(String sha256, BooleanSupplier stopped) {
        artifacts
                .find(sha256)
                .ifPresent(file -> decide(packedName(sha256), stopped, unfinished -> {
                    long most = Files.size(file) / 10 * 9;
                    try (InputStream in = Files.newInputStream(file);
                            OutputStream out = Files.newOutputStream(unfinished);
                            ZstdOutputStream packing = new ZstdOutputStream(out, LEVEL)
                                    .setLong(WINDOW_LOG)
                                    .setChecksum(true)) {
                        byte[] chunk = new byte[CHUNK];
                        for (int n = in.read(chunk); n >= 0 && !stopped.getAsBoolean(); n = in.read(chunk)) {
                            packing.write(chunk, 0, n);
                        }
                    }
                    return Files.size(unfinished) <= most;
                }));
    }

    /** Makes a delta, unless it saves less than half of what goes over the line otherwise. */
    public void makeDelta(String sha256, String base, BooleanSupplier stopped) {
        Path from = artifacts.find(base).orElse(null);
        Path to = artifacts.find(sha256).orElse(null);
        if (from != null && to != null) {
            decide(deltaName(sha256, base), stopped, unfinished -> {
                long otherwise = Files.size(packed(sha256).orElse(to));
                return DeltaMaker.make(from, to, unfinished, otherwise / 2, stopped);
            });
        }
    }

    @FunctionalInterface
    private interface Making {
        /** @return whether it is worth it */
        boolean make(Path unfinished) throws IOException;
    }

    private void decide(String name, BooleanSupplier stopped, Making making) {
        Path unfinished = directory.resolve(name + ".new");
        try {
            boolean isWorthIt = making.make(unfinished);
            if (stopped.getAsBoolean()) {
                return;
            }
            if (isWorthIt) {
                Files.move(unfinished, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.write(directory.resolve(name + ".not"), new byte[0]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + name + " in " + directory, e);
        } finally {
            delete(unfinished);
        }
    }

    /** Removes what was made of artifacts that are gone or not wanted any more, and what a killed process left. */
    public void tidy(Predicate<String> wanted) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (!name.matches()
                        || !wanted.test(name.group(1))
                        || artifacts.find(name.group(1)).isEmpty()
                        || (name.group(2) != null && !wanted.test(name.group(2)))) {
                    delete(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list the packed artifacts in " + directory, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + file, e);
        }
    }
}
