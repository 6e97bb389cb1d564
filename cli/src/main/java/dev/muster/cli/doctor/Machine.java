package dev.muster.cli.doctor;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** Measures this machine. On Linux it reads {@code /proc}; what another system does not tell is empty. */
final class Machine {
    private static final Path PROC = Path.of("/proc");
    private static final String LISTENING = "0A";

    private Machine() {}

    /** The jar or folder that this program runs from; empty where the JVM does not tell. */
    static Optional<Path> program() {
        CodeSource source = Machine.class.getProtectionDomain().getCodeSource();
        return source == null || source.getLocation() == null
                ? Optional.empty()
                : Optional.of(Path.of(URI.create(source.getLocation().toString())));
    }

    /** Whether a program lies where a build leaves it, {@code cli/target/} of a checkout: nothing else ever needs what builds. */
    static boolean isBuiltHere(Path program) {
        return Files.isRegularFile(program.resolveSibling("../../mvnw"));
    }

    /** The answer of {@code program --version}; empty when there is no such program. */
    static Optional<String> versionOf(String program) {
        try {
            Process process = new ProcessBuilder(program, "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return Optional.empty();
            }
            byte[] said = process.getInputStream().readNBytes(200);
            return Optional.of(new String(said, StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Of the machine, or of the container when that has less. */
    static OptionalLong memory(boolean available) {
        OptionalLong whole = memoryInfo(available ? "MemAvailable:" : "MemTotal:");
        OptionalLong limit = number(Path.of("/sys/fs/cgroup/memory.max"));
        if (limit.isEmpty() || whole.isEmpty()) {
            return whole;
        }
        long used = available ? number(Path.of("/sys/fs/cgroup/memory.current")).orElse(0) : 0;
        return OptionalLong.of(Math.min(whole.getAsLong(), Math.max(0, limit.getAsLong() - used)));
    }

    private static OptionalLong memoryInfo(String field) {
        for (String line : lines(PROC.resolve("meminfo"))) {
            if (line.startsWith(field)) {
                return OptionalLong.of(Long.parseLong(line.replaceAll("\\D", "")) << 10);
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong number(Path file) {
        List<String> lines = lines(file);
        return !lines.isEmpty() && lines.getFirst().matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(lines.getFirst()))
                : OptionalLong.empty();
    }

    /** Free space where the directory is or would be made. */
    static OptionalLong freeSpace(Path directory) {
        try {
            return OptionalLong.of(Files.getFileStore(existing(directory)).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Empty when files can be made in the directory, or where it would be made. */
    static Optional<String> writeProblem(Path directory) {
        Path place = existing(directory);
        try {
            Path probe = Files.createTempFile(place, ".muster-doctor", "");
            Files.delete(probe);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("cannot write in " + place + " (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static Path existing(Path directory) {
        Path place = directory.toAbsolutePath();
        while (!Files.exists(place) && place.getParent() != null) {
            place = place.getParent();
        }
        return place;
    }

    static OptionalLong openFileLimit() {
        for (String line : lines(PROC.resolve("self/limits"))) {
            if (line.startsWith("Max open files")) {
                String[] columns =
                        line.substring("Max open files".length()).strip().split("\\s+");
                return columns[0].equals("unlimited")
                        ? OptionalLong.of(Long.MAX_VALUE)
                        : OptionalLong.of(Long.parseLong(columns[0]));
            }
        }
        return OptionalLong.empty();
    }

    static boolean isFree(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The process that listens on the port, where this user may see it. */
    static Optional<Owner> ownerOf(int port) {
        String suffix = ":" + HexFormat.of().withUpperCase().toHexDigits((short) port);
        for (String table : List.of("net/tcp", "net/tcp6")) {
            for (String line : lines(PROC.resolve(table))) {
                String[] columns = line.strip().split("\\s+");
                if (columns.length > 9 && columns[1].endsWith(suffix) && columns[3].equals(LISTENING)) {
                    return holderOf("socket:[" + columns[9] + "]");
                }
            }
        }
        return Optional.empty();
    }

    /** A process. */
    record Owner(long pid, String name) {
        @Override
        public String toString() {
            return name + " (process " + pid + ")";
        }
    }

    private static Optional<Owner> holderOf(String socket) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                if (holds(process, socket)) {
                    List<String> name = lines(process.resolve("comm"));
                    return Optional.of(new Owner(
                            Long.parseLong(process.getFileName().toString()),
                            name.isEmpty() ? "a program" : name.getFirst()));
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return Optional.empty();
    }

    private static boolean holds(Path process, String socket) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path file : files) {
                if (Files.readSymbolicLink(file).toString().equals(socket)) {
                    return true;
                }
            }
        } catch (IOException e) {
            // of another user, or gone by now
            return false;
        }
        return false;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return List.of();
        }
    }
}
