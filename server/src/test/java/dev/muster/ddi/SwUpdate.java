package dev.muster.ddi;

import dev.muster.testing.Shell;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Debian's SWUpdate with suricatta, and the images that it installs: each writes one file into a folder. */
final class SwUpdate implements AutoCloseable {
    private final Path folder;
    private final Path installed;
    private final String suricatta;
    private @Nullable Process process;
    private int runs;

    /** @param folder of its own @param server URL of device HTTPS @param ca of its certificate */
    SwUpdate(Path folder, String server, Path ca, String id, String token) throws IOException {
        this.folder = folder;
        this.installed = Files.createDirectory(folder.resolve("device"));
        Files.createDirectory(folder.resolve("run"));
        this.suricatta = """
                suricatta: { tenant = "any"; id = "%s"; url = "%s"; targettoken = "%s"; cafile = "%s"; retry = 1; retrywait = 1; };
                """.formatted(id, server, token, ca);
        // Debian's build installs nothing that is not signed.
        Shell.run(
                folder,
                "openssl req -x509 -newkey rsa:2048 -nodes -keyout signer.key -out signer.pem -days 2 -subj /CN=signer"
                        + " -addext extendedKeyUsage=emailProtection -addext keyUsage=digitalSignature");
    }

    /** A signed image that writes the content. */
    byte[] image(String version, String content) throws IOException {
        Path draft = Files.createDirectory(folder.resolve("image-" + version));
        Files.writeString(draft.resolve("app.txt"), content);
        String hash = Shell.run(draft, "sha256sum app.txt | cut -d' ' -f1").strip();
        Files.writeString(draft.resolve("sw-description"), """
                software = {
                  version = "%s";
                  hardware-compatibility: [ "1.0" ];
                  files: ( { filename = "app.txt"; path = "%s/app.txt"; sha256 = "%s"; } );
                }
                """.formatted(version, installed, hash));
        Shell.run(
                draft,
                "openssl cms -sign -in sw-description -out sw-description.sig -signer ../signer.pem -inkey ../signer.key"
                        + " -outform DER -nosmimecap -binary"
                        + " && printf 'sw-description\\nsw-description.sig\\napp.txt\\n' | cpio -o -H crc >image.swu");
        return Files.readAllBytes(draft.resolve("image.swu"));
    }

    Path installed() {
        return installed.resolve("app.txt");
    }

    /**
     * Starts as after a boot.
     *
     * @param version that the device says it runs
     * @param confirm what the boot tells it of the last update: {@code -c 2} for success, or nothing
     */
    void boot(String version, String confirm) throws Exception {
        stop();
        Path configuration = Files.writeString(
                folder.resolve("swupdate.cfg"),
                "globals: { verbose = true; loglevel = 5; public-key-file = \"" + folder.resolve("signer.pem")
                        + "\"; };\n" + suricatta + "identify: ( { name = \"software.app\"; value = \"" + version
                        + "\"; } );\n");
        runs++;
        ProcessBuilder builder = new ProcessBuilder(
                        "swupdate", "-H", "board:1.0", "-f", configuration.toString(), "-u", confirm)
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().put("TMPDIR", folder.resolve("run").toString());
        builder.environment().put("RUNTIME_DIRECTORY", folder.resolve("run").toString());
        process = builder.start();
    }

    private Path log() {
        return folder.resolve("swupdate-" + runs + ".log");
    }

    /** What it said since its last boot. */
    String said() {
        try {
            return Files.exists(log()) ? Files.readString(log()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void stop() throws InterruptedException {
        Process running = process;
        if (running != null) {
            running.descendants().forEach(ProcessHandle::destroy);
            running.destroy();
            if (!running.waitFor(10, TimeUnit.SECONDS)) {
                running.destroyForcibly().waitFor();
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }
}
