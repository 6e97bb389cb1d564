package dev.muster.cli.release;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import dev.muster.protocol.tuf.MetadataRefusedException;
import dev.muster.protocol.tuf.TargetFile;
import dev.muster.protocol.tuf.UpdateClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Looks at a published release as an asset would: metadata verified from the pinned root on, and files that are there. */
public final class Verifying {
    private final Api api;
    private @Nullable String pin;

    /** @param pin SHA-256 of the root to begin with; null for that which the server names */
    public Verifying(Api api, @Nullable String pin) {
        this.api = api;
        this.pin = pin;
    }

    /** Of the root that was verified from. */
    public String pin() {
        return pin == null ? "none" : pin;
    }

    /**
     * @return false while not all of it is there yet
     * @throws CommandFailed REFUSED when it never will be: not believed, another file, or quarantined
     */
    public boolean isReady(Bundle bundle) {
        if (pin == null) {
            pin = api.get(Query.of("tuf")).path("rootSha256").asString("");
        }
        requirePublished(bundle);
        Path state = temporary();
        try {
            UpdateClient client =
                    UpdateClient.in(state, this::fetch, Clock.systemUTC()).pinRoot(pin);
            client.refresh();
            for (Bundle.Entry entry : bundle.entries()) {
                TargetFile found = client.find(entry.file().path());
                if (!found.equals(entry.file())) {
                    throw new CommandFailed(
                            ExitCode.REFUSED,
                            found.path() + " is signed for with the SHA-256 " + found.sha256() + ", this one has "
                                    + entry.file().sha256());
                }
            }
        } catch (MetadataRefusedException e) {
            throw new CommandFailed(
                    ExitCode.REFUSED, "an asset would not believe " + bundle.name() + ": " + e.detail());
        } catch (IllegalArgumentException e) {
            throw new CommandFailed(ExitCode.USAGE, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.UNREACHABLE, String.valueOf(e.getMessage()));
        } finally {
            delete(state);
        }
        return bundle.entries().stream()
                .allMatch(entry -> api.get(Query.of("artifacts", entry.file().sha256()))
                        .path("complete")
                        .asBoolean(false));
    }

    private void requirePublished(Bundle bundle) {
        TreeSet<String> names = new TreeSet<>();
        bundle.entries()
                .forEach(entry -> names.add(entry.file().custom().component() + "@"
                        + entry.file().custom().version()));
        List<String> problems = new ArrayList<>();
        for (String name : names) {
            JsonNode release = api.get(Query.of("releases", name));
            if (!release.path("status").asString("").equals("published")) {
                problems.add(name + " is " + release.path("status").asString("") + ": "
                        + release.path("reason").asString(""));
            }
        }
        if (!problems.isEmpty()) {
            throw new CommandFailed(ExitCode.REFUSED, String.join("; ", problems));
        }
    }

    private Optional<byte[]> fetch(String file, int maxBytes) {
        try (InputStream in = api.stream(Query.of("tuf", file))) {
            return Optional.of(in.readNBytes(maxBytes + 1));
        } catch (CommandFailed e) {
            if (e.code() == ExitCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        } catch (IOException e) {
            throw new CommandFailed(
                    ExitCode.UNREACHABLE, "reading " + file + " from the server broke off: " + e.getMessage());
        }
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("muster-verify");
        } catch (IOException e) {
            throw new CommandFailed(ExitCode.FAILED, "cannot make a temporary folder: " + e.getMessage());
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }
}
