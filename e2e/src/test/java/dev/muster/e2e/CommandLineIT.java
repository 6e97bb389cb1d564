package dev.muster.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The command line as a process of its own against a real server, with its exit codes. */
class CommandLineIT {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int REFUSED = 3;
    private static final int NOT_FOUND = 4;
    private static final int UNREACHABLE = 5;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static ServerProcess server;

    @BeforeAll
    static void start() throws Exception {
        server = new ServerProcess(folder.resolve("data"), Map.of(), List.of());
        server.start();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private record Ran(int code, String out, String err) {}

    @Test
    void whatIsAppliedIsShownChangedAndRefusedAsTheServerSays() throws Exception {
        Path fleet = write("fleet.yaml", """
                apiVersion: muster.dev/v1
                kind: AssetType
                metadata: {name: pump}
                spec:
                  telemetry: {metrics: {level: {type: number, unit: m}}}
                ---
                apiVersion: muster.dev/v1
                kind: Asset
                metadata: {name: applied-1, labels: {plant: "7"}}
                spec: {type: pump, owner: works}
                ---
                apiVersion: muster.dev/v1
                kind: Group
                metadata: {name: plant-7}
                spec: {selector: "asset.labels.plant == '7'"}
                """);
        assertThat(muster("apply", "-f", fleet.toString(), "--dry-run").code()).isEqualTo(DONE);
        assertThat(muster("get", "asset", "applied-1").code())
                .as("after a dry run")
                .isEqualTo(NOT_FOUND);
        Ran applied = muster("apply", "-f", fleet.toString());
        assertThat(applied.code()).as(applied.err()).isEqualTo(DONE);
        assertThat(json("get", "asset", "applied-1").path("owner").asString()).isEqualTo("works");
        assertThat(json("group", "members", "plant-7").toString()).contains("applied-1");

        // What is printed as YAML goes back in and changes nothing.
        Path again = write(
                "again.yaml",
                muster("get", "assets", "-q", "applied-1", "-o", "yaml").out());
        assertThat(muster("apply", "-f", again.toString()).out()).contains("unchanged");

        Path foreign = write("foreign.yaml", Files.readString(fleet).replace("owner: works", "owner: other"));
        Ran conflict = muster("apply", "-f", foreign.toString(), "--field-manager", "somebody");
        assertThat(conflict.code()).isEqualTo(REFUSED);
        assertThat(conflict.err()).contains("owner").doesNotContain("\tat ");
        assertThat(muster("apply", "-f", foreign.toString(), "--field-manager", "somebody", "--force")
                        .code())
                .isEqualTo(DONE);

        Path wrong = write(
                "wrong.yaml",
                Files.readString(fleet).replace("applied-1", "applied-2").replace("type: pump,", "type: toaster,"));
        assertThat(muster("apply", "-f", wrong.toString()).code()).isEqualTo(USAGE);
        assertThat(muster("apply", "-f", folder.resolve("absent.yaml").toString())
                        .code())
                .isIn(FAILED, USAGE);
    }

    @Test
    void badRowsOfAnImportAreToldByLineAndWhatIsExportedImportsAgain() throws Exception {
        Path csv = write("fleet.csv", """
                id,type,owner,label.line
                row-1,sensor,a,1
                row 2,sensor,a,1
                row-3,toaster,a,1
                row-4,sensor,"b, c",2
                """);
        Ran strict = muster("import", "assets", csv.toString(), "--strict");
        assertThat(strict.code()).isEqualTo(FAILED);
        assertThat(muster("get", "asset", "row-1").code())
                .as("nothing was imported")
                .isEqualTo(NOT_FOUND);

        Ran imported = muster("import", "assets", csv.toString());
        assertThat(imported.code()).isEqualTo(FAILED);
        assertThat(imported.out() + imported.err()).contains("line 3", "line 4", "toaster");
        Ran exported = muster("export", "assets", "--selector", "asset.id.startsWith('row-')");
        assertThat(exported.code()).as(exported.err()).isEqualTo(DONE);
        assertThat(exported.out()).contains("row-1", "row-4", "\"b, c\"").doesNotContain("row-3");

        Ran again =
                muster("import", "assets", write("exported.csv", exported.out()).toString());
        assertThat(again.code()).as(again.err()).isEqualTo(DONE);
        assertThat(again.out() + again.err()).contains("2 unchanged");
    }

    @Test
    void aFileLargerThanOtherRequestsMayBeIsImported() throws Exception {
        StringBuilder rows = new StringBuilder("id,type,label.note\n");
        for (int row = 0; rows.length() < 5 << 20; row++) {
            rows.append("many-")
                    .append(row)
                    .append(",sensor,")
                    .append("n".repeat(200))
                    .append('\n');
        }
        Ran imported =
                muster("import", "assets", write("large.csv", rows.toString()).toString());
        assertThat(imported.code()).as(imported.out() + imported.err()).isEqualTo(DONE);
        assertThat(imported.out()).contains("0 rejected");
    }

    @Test
    void credentialsOfAnAssetWorkAsThePrintedLinesSay() throws Exception {
        assertThat(muster("create", "asset", "lab-1", "--type", "sensor").code())
                .isEqualTo(DONE);
        Path out = folder.resolve("lab-1");
        Ran made = muster("asset", "credentials", "lab-1", "--out", out.toString());
        assertThat(made.code()).as(made.err()).isEqualTo(DONE);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(out.resolve("key.pem"))))
                .isEqualTo("rw-------");
        assertThat(muster("asset", "credentials", "lab-1", "--out", out.toString())
                        .code())
                .as("nothing is overwritten")
                .isEqualTo(REFUSED);

        if (System.getenv("CI") != null) {
            assertThat(Programs.onPath("mosquitto_pub")).isPresent();
        }
        assumeThat(Programs.onPath("mosquitto_pub"))
                .as("SKIPPED, mosquitto_pub is not installed")
                .isPresent();
        for (String line :
                made.out().lines().filter(l -> l.startsWith("mosquitto_pub")).toList()) {
            Ran published = run(List.of("bash", "-c", line));
            assertThat(published.code()).as(line + "\n" + published.err()).isZero();
        }
        Await.that(
                "the reading is stored",
                Duration.ofMinutes(1),
                () -> muster("telemetry", "lab-1", "--metrics", "temperature")
                        .out()
                        .contains("293.4"));
        Await.that(
                "the asset is active",
                Duration.ofMinutes(1),
                () -> json("get", "asset", "lab-1").path("lifecycle").asString().equals("active"));
    }

    @Test
    void watchPrintsWhatChangesUntilItIsEnded() throws Exception {
        muster("create", "asset", "watched-0", "--type", "sensor");
        Path output = folder.resolve("watch.out");
        Process watching = new ProcessBuilder(
                        command("get", "assets", "-q", "watched-", "--watch", "--interval", "200ms"))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            Await.that(
                    "watched-0 is printed",
                    Duration.ofMinutes(1),
                    () -> Files.readString(output).contains("watched-0"));
            muster("create", "asset", "watched-1", "--type", "sensor");
            Await.that(
                    "watched-1 is printed",
                    Duration.ofMinutes(1),
                    () -> Files.readString(output).contains("watched-1"));
        } finally {
            watching.destroy();
            assertThat(watching.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void exitCodesTellWhatKindOfFailureItWas() throws Exception {
        assertThat(muster("whoami").code()).isEqualTo(DONE);
        assertThat(muster("get", "toasters").code()).isEqualTo(USAGE);
        assertThat(muster("get", "assets", "--selector", "asset.").code()).isEqualTo(USAGE);
        assertThat(muster("get", "asset", "nobody").code()).isEqualTo(NOT_FOUND);
        String viewer =
                muster("token", "create", "reader", "--role", "viewer").out().strip();
        assertThat(muster("create", "asset", "x", "--type", "sensor", "--token", viewer)
                        .code())
                .isEqualTo(REFUSED);
        Ran unreachable = muster("whoami", "--server", "http://127.0.0.1:1", "--token", "none");
        assertThat(unreachable.code()).isEqualTo(UNREACHABLE);
        assertThat(unreachable.err().lines()).hasSize(1);
    }

    private static Path write(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    private static JsonNode json(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-o", "json"));
        Ran ran = muster(all.toArray(String[]::new));
        assertThat(ran.code()).as(ran.err()).isEqualTo(DONE);
        return ServerProcess.JSON.readTree(ran.out());
    }

    private static Ran muster(String... arguments) throws Exception {
        return run(command(arguments));
    }

    private static List<String> command(String... arguments) {
        List<String> command = Programs.java("cli", arguments);
        command.addAll(List.of("--data-dir", server.dataDirectory().toString()));
        return command;
    }

    private static Ran run(List<String> command) throws Exception {
        Path out = Files.createTempFile(folder, "out", "");
        Path err = Files.createTempFile(folder, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("MUSTER_"));
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError(command + " did not end");
        }
        return new Ran(process.exitValue(), Files.readString(out), Files.readString(err));
    }
}
