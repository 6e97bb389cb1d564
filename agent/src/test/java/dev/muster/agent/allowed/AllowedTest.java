package dev.muster.agent.allowed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.agent.slot.AppDefinition;
import dev.muster.agent.slot.AppDefinition.Health;
import dev.muster.agent.slot.AppDefinition.Probe;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AllowedTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path directory;

    @Test
    void withoutAFileNothingIsAllowed() throws IOException {
        assertThat(Allowed.read(directory.resolve("none"))).isEqualTo(Allowed.nothing());
        assertThat(read("# empty\n")).isEqualTo(Allowed.nothing());
    }

    @Test
    void readsTheFileOfTheAgentsPage() throws IOException {
        String page = Files.readString(Path.of(System.getProperty("basedir", "."), "../docs/agent.md"));
        int begin = page.indexOf("```yaml\nfiles:") + "```yaml\n".length();
        Allowed allowed = read(page.substring(begin, page.indexOf("```", begin)));
        assertThat(allowed.fileRoots()).containsExactly(Path.of("/etc/nginx/conf.d"), Path.of("/etc/motd"));
        assertThat(allowed.apps().get("app"))
                .isEqualTo(new AppDefinition(
                        List.of("./run.sh", "--port", "8081"),
                        new Health(
                                new Probe.Http(URI.create("http://127.0.0.1:8081/healthz")),
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(10),
                                Duration.ofSeconds(120)),
                        Duration.ofSeconds(10)));
        assertThat(allowed.run().keySet()).containsExactlyInAnyOrder("disk-usage", "restart-service");
        assertThat(allowed.reboot()).containsExactly("systemctl", "reboot");
        assertThat(allowed.wipe()).isTrue();
        assertThat(allowed.appsFromServer()).isFalse();
    }

    @Test
    void aProgramIsPermittedWordByWord() throws IOException {
        Allowed allowed = read("files: {programs: [[systemctl, reload, '*'], [nginx, -t]]}");
        assertThat(allowed.permits(List.of("systemctl", "reload", "nginx"))).isTrue();
        assertThat(allowed.permits(List.of("nginx", "-t"))).isTrue();
        assertThat(allowed.permits(List.of("systemctl", "stop", "nginx"))).isFalse();
        assertThat(allowed.permits(List.of("systemctl", "reload", "--all"))).isFalse();
        assertThat(allowed.permits(List.of("systemctl", "reload"))).isFalse();
        assertThat(allowed.permits(List.of("systemctl", "reload", "nginx", "x")))
                .isFalse();
        assertThat(Allowed.nothing().permits(List.of("true"))).isFalse();
    }

    @Test
    void everythingThatIsWrongIsToldAtOnce() {
        assertThatThrownBy(() -> read("""
                files: {roots: [etc, /a/../b, /], programs: [['*'], reload], root: x}
                apps: {app: {start: [], health: {http: "https://example.com/", healthyAfterSeconds: 500}}}
                run: {x: {argv: ["{program}"], args: {y: "["}}}
                logs: {app: relative}
                wipe: 1
                reboots: [reboot]
                """))
                .hasMessage(
                        "file " + directory.resolve("allow.yaml") + " has 14 problems:\n  - "
                                + String.join(
                                        "\n  - ",
                                        List.of(
                                                "files.roots[0] must be an absolute path below / without '..', found 'etc'",
                                                "files.roots[1] must be an absolute path below / without '..', found '/a/../b'",
                                                "files.roots[2] must be an absolute path below / without '..', found '/'",
                                                "files.programs[0] must be a list of words that begins with a program, such as [systemctl, reload, \"*\"]",
                                                "files.programs[1] must be a list of words that begins with a program, such as [systemctl, reload, \"*\"]",
                                                "apps.app.start must be a list that begins with a program",
                                                "apps.app.health.http is 'https://example.com/' and must be an http URL of the own machine, such as http://127.0.0.1:8081/healthz",
                                                "apps.app.health.healthyAfterSeconds is more than timeoutSeconds, so that it could never become healthy",
                                                "run.x.argv must be a list that begins with a program",
                                                "run.x.args y is not a regular expression: Unclosed character class",
                                                "logs.app must be an absolute path, found 'relative'",
                                                "wipe must be true or false, found 1",
                                                "files.root is not known; known are roots, programs",
                                                "reboots is not known; known are files, apps, appsFromServer, run, logs, reboot, wipe, onConfigChange")));
    }

    private Allowed read(String yaml) throws IOException {
        return Allowed.read(Files.writeString(directory.resolve("allow.yaml"), yaml));
    }
}
