package dev.muster.agent.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnpackingTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void unpacksWhatTarPacks() throws Exception {
        Path source = Files.createDirectories(directory.resolve("source"));
        String longName = "n".repeat(80) + "/" + "m".repeat(90) + "/" + "ü".repeat(60);
        Files.createDirectories(source.resolve(longName).getParent());
        Files.writeString(source.resolve(longName), "long");
        Files.writeString(source.resolve("run.sh"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(source.resolve("run.sh"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.write(source.resolve("data"), new byte[100_000]);
        Files.createDirectory(source.resolve("empty"));
        Files.createSymbolicLink(source.resolve("link"), Path.of("run.sh"));
        for (String format : new String[] {"ustar", "pax", "gnu", "gnu plain", "ustar plain"}) {
            Path archive = directory.resolve(format + ".archive");
            String name = format.startsWith("ustar") ? "--exclude=n*" : "--exclude=nothing";
            String pack = format.endsWith("plain") ? "-cf" : "-czf";
            run(
                    "tar",
                    "--format=" + format.split(" ", 2)[0],
                    name,
                    pack,
                    archive.toString(),
                    "-C",
                    source.toString(),
                    ".");
            Path into = directory.resolve(format);
            unpack(archive, into);
            assertThat(into.resolve("run.sh")).hasContent("#!/bin/sh\n");
            assertThat(Files.isExecutable(into.resolve("run.sh"))).isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(into.resolve("data"))))
                    .isEqualTo("rw-r--r--");
            assertThat(into.resolve("data")).hasBinaryContent(new byte[100_000]);
            assertThat(into.resolve("empty")).isEmptyDirectory();
            assertThat(Files.readSymbolicLink(into.resolve("link"))).isEqualTo(Path.of("run.sh"));
            if (!format.startsWith("ustar")) {
                assertThat(into.resolve(longName)).hasContent("long");
            }
        }
    }

    @Test
    void unpacksAZipWithItsPrograms() throws Exception {
        Path archive = directory.resolve("a.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("bin/run.sh"));
            zip.write("#!/bin/sh\necho".getBytes(UTF_8));
            zip.putNextEntry(new ZipEntry("readme"));
            zip.write('x');
        }
        unpack(archive, directory.resolve("into"));
        assertThat(Files.isExecutable(directory.resolve("into/bin/run.sh"))).isTrue();
        assertThat(Files.getPosixFilePermissions(directory.resolve("into/readme")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(directory.resolve("into/bin/run.sh")).hasContent("#!/bin/sh\necho");
    }

    @Test
    void takesAnythingElseForTheProgramItself() throws Exception {
        Path artifact = Files.writeString(directory.resolve("app"), "#!/bin/sh\n");
        unpack(artifact, directory.resolve("into"));
        assertThat(directory.resolve("into/app")).hasContent("#!/bin/sh\n");
        assertThat(Files.isExecutable(directory.resolve("into/app"))).isTrue();
    }

    @Test
    void nothingLandsOutsideOfTheFolder() throws Exception {
        refuses(tar(file("../escaped", "x")), "entry '../escaped' of the artifact is a path out of the folder");
        refuses(
                tar(file("a/../../escaped", "x")),
                "entry 'a/../../escaped' of the artifact is a path out of the folder");
        refuses(tar(file("/escaped", "x")), "entry '/escaped' of the artifact is a path out of the folder");
        refuses(tar(link("out", "..")), "entry 'out' of the artifact links to '..', which is not in the archive");
        refuses(
                tar(link("out", "/etc/passwd")),
                "entry 'out' of the artifact links to '/etc/passwd', which is not in the archive");
        refuses(
                tar(link("a/out", "../../escaped")),
                "entry 'a/out' of the artifact links to '../../escaped', which is not in the archive");
        refuses(tar(link("in", "a"), file("in/x", "x")), "entry 'in/x' of the artifact leads through the link in");
        refuses(tar(link("in", "."), link("in/in2", "..")), "entry 'in/in2' of the artifact leads through the link in");
        refuses(
                tar(entry("hard", '1', "a", new byte[0])),
                "entry 'hard' of the artifact is a hard link; pack with --hard-dereference");
        refuses(
                tar(entry("device", '3', "", new byte[0])),
                "entry 'device' of the artifact is neither a file, a folder nor a symbolic link");
        assertThat(directory.resolve("escaped")).doesNotExist();
    }

    @Test
    void aSecondEntryReplacesALinkInsteadOfFollowingIt() throws Exception {
        Path into = directory.resolve("into");
        unpack(archive(tar(file("a", "one"), link("b", "a"), file("b", "two"))), into);
        assertThat(into.resolve("a")).hasContent("one");
        assertThat(into.resolve("b")).hasContent("two");
        assertThat(Files.isSymbolicLink(into.resolve("b"))).isFalse();
    }

    @Test
    void entriesAndBytesAreBounded() throws Exception {
        Path archive = archive(tar(file("a", "123456"), file("b", "1"), file("c", "1")));
        Path into = directory.resolve("into");
        assertThatThrownBy(() -> new Unpacking(into, new Unpacking.Bounds(2, 1000, 0), () -> {}).unpack(archive, "app"))
                .hasMessage("entry 'c' of the artifact is one more than the 2 entries that are allowed");
        assertThatThrownBy(() -> new Unpacking(into, new Unpacking.Bounds(10, 6, 0), () -> {}).unpack(archive, "app"))
                .hasMessage("entry 'b' of the artifact makes more than 6 bytes of all");
        assertThatThrownBy(() -> new Unpacking(into, new Unpacking.Bounds(10, 1000, Long.MAX_VALUE), () -> {})
                        .unpack(archive, "app"))
                .hasMessageContaining("bytes are left on the disk of");
    }

    @Test
    void aBombOfZerosIsStopped() throws Exception {
        Path archive = directory.resolve("bomb.tar.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
            out.write(header("bomb", '0', "", 1L << 33));
            byte[] zeros = new byte[1 << 16];
            for (int i = 0; i < 64; i++) {
                out.write(zeros);
            }
        }
        assertThatThrownBy(
                        () -> new Unpacking(directory.resolve("into"), new Unpacking.Bounds(10, 1 << 20, 0), () -> {})
                                .unpack(archive, "app"))
                .hasMessage("entry 'bomb' of the artifact makes more than 1048576 bytes of all");
    }

    @Test
    void damageIsFound() throws Exception {
        byte[] tar = tar(file("a", "content"), file("b", "more"));
        for (int at : new int[] {0, 100, 124, 148, 156, 512 + 512}) {
            byte[] damaged = tar.clone();
            damaged[at]++;
            refuses(damaged, "wrong checksum");
        }
        refuses(java.util.Arrays.copyOf(tar, 512 + 3), "the archive ends within a file");
        refuses(java.util.Arrays.copyOf(tar, 512 + 512 + 100), "the archive ends within a header");
        refuses("not a tar archive".repeat(100).getBytes(UTF_8), "is compressed and no tar archive");
    }

    @Test
    void deletesATreeWithoutFollowingLinks() throws Exception {
        Path kept = Files.writeString(directory.resolve("kept"), "kept");
        Path tree = Files.createDirectories(directory.resolve("tree/inner"));
        Files.createSymbolicLink(tree.resolve("link"), kept);
        Files.createSymbolicLink(tree.resolve("folder"), directory);
        Unpacking.delete(directory.resolve("tree"));
        Unpacking.delete(directory.resolve("tree"));
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(kept);
        }
    }

    private void refuses(byte[] tar, String message) throws IOException {
        Path into = Files.createTempDirectory(directory, "into");
        assertThatThrownBy(() -> unpack(archive(tar), into))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    private static void unpack(Path artifact, Path into) throws IOException {
        new Unpacking(into, new Unpacking.Bounds(1000, 1 << 22, 0), () -> {}).unpack(artifact, "app");
    }

    private Path archive(byte[] tar) throws IOException {
        Path archive = Files.createTempFile(directory, "archive", ".tar.gz");
        try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
            out.write(tar);
        }
        return archive;
    }

    private static byte[] tar(byte[]... entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] entry : entries) {
            out.write(entry);
        }
        out.write(new byte[1024]);
        return out.toByteArray();
    }

    private static byte[] file(String name, String content) throws IOException {
        return entry(name, '0', "", content.getBytes(UTF_8));
    }

    private static byte[] link(String name, String target) throws IOException {
        return entry(name, '2', target, new byte[0]);
    }

    private static byte[] entry(String name, char type, String target, byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(header(name, type, target, content.length));
        out.write(content);
        out.write(new byte[(512 - content.length % 512) % 512]);
        return out.toByteArray();
    }

    private static byte[] header(String name, char type, String target, long size) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, "0000644\0");
        put(header, 124, "%011o".formatted(size));
        header[156] = (byte) type;
        put(header, 157, target);
        put(header, 257, "ustar\00000");
        put(header, 148, "        ");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, "%06o\0 ".formatted(sum));
        return header;
    }

    private static void put(byte[] header, int offset, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        System.arraycopy(bytes, 0, header, offset, bytes.length);
    }

    private static void run(String... argv) throws Exception {
        Process process = new ProcessBuilder(argv).inheritIO().start();
        assertThat(process.waitFor()).isZero();
    }
}
