package dev.muster.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The commands of the examples for CI, read out of the YAML and run as a CI runs them: each step by a shell of its own that ends at
 * the first command that fails. {@code muster} comes out of an archive, as the examples want it; only {@code syft} is a stand-in.
 */
final class Pipeline {
    private static final String SBOM =
            "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"components\":[{\"type\":\"library\","
                    + "\"name\":\"zlib\",\"version\":\"1.3.1\",\"purl\":\"pkg:generic/zlib@1.3.1\"}]}";

    private final Path work;
    private final Map<String, String> environment = new TreeMap<>();
    private String path = System.getenv("PATH");

    /** @param work the checkout: {@code src} with what is built, {@code deploy/rollout.yaml} */
    Pipeline(Path work, Map<String, String> environment) throws Exception {
        this.work = work;
        this.environment.putAll(environment);
        Path tools = Files.createDirectories(work.resolve("tools"));
        program(tools.resolve("syft"), "echo '" + SBOM + "' > \"${4#*=}\"\n");
        Path distribution = Files.createDirectories(work.resolve("dist/muster-0/bin"));
        List<String> command = new ArrayList<>(Programs.java("cli"));
        program(
                distribution.resolve("muster"),
                "exec "
                        + String.join(
                                " ",
                                command.stream().map(part -> "'" + part + "'").toList()) + " \"$@\"\n");
        Path archive = work.resolve("muster-0.tar.gz");
        if (new ProcessBuilder(
                                "tar",
                                "-czf",
                                archive.toString(),
                                "-C",
                                work.resolve("dist").toString(),
                                "muster-0")
                        .start()
                        .waitFor()
                != 0) {
            throw new AssertionError("tar failed");
        }
        this.environment.put("MUSTER_DISTRIBUTION", archive.toUri().toString());
        path = tools + ":" + path;
    }

    private static void program(Path file, String text) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static JsonNode yaml(Path file) throws IOException {
        return new YAMLMapper().readTree(Files.readString(file));
    }

    /** Every {@code run} of the only job. */
    void github(Path file, Map<String, String> job) throws Exception {
        environment.putAll(job);
        Path added = work.resolve("github-path");
        environment.put("GITHUB_PATH", added.toString());
        environment.put(
                "RUNNER_TEMP", Files.createDirectories(work.resolve("temp")).toString());
        for (JsonNode step : yaml(file).at("/jobs/release/steps")) {
            if (step.has("run")) {
                shell(step.path("name").asString(""), step.path("run").asString(""));
                if (Files.exists(added)) {
                    path = String.join(":", Files.readAllLines(added)) + ":" + path;
                    Files.delete(added);
                }
            }
        }
    }

    /** The jobs of these stages, in the order of the file, with what comes before each. */
    void gitlab(Path file, Map<String, String> job, List<String> stages) throws Exception {
        environment.putAll(job);
        JsonNode document = yaml(file);
        for (JsonNode stage : document.path("stages")) {
            if (stages.contains(stage.asString(""))) {
                List<String> lines = new ArrayList<>();
                document.at("/default/before_script").forEach(line -> lines.add(line.asString("")));
                document.path(stage.asString("")).path("script").forEach(line -> lines.add(line.asString("")));
                shell(stage.asString(""), String.join("\n", lines));
            }
        }
    }

    private void shell(String name, String script) throws Exception {
        Path out = work.resolve("step.log");
        ProcessBuilder builder = new ProcessBuilder("bash", "-e", "-o", "pipefail", "-c", script)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment()
                .keySet()
                .removeIf(key -> key.startsWith("MUSTER_") || key.startsWith("GITHUB_") || key.startsWith("CI"));
        builder.environment().putAll(environment);
        builder.environment().put("PATH", path);
        builder.environment().put("HOME", work.toString());
        Process process = builder.start();
        boolean ended = process.waitFor(5, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }
        String said = Files.readString(out, StandardCharsets.UTF_8);
        System.out.println("pipeline | " + name + " | " + said.strip().replace("\n", "\npipeline | " + name + " | "));
        if (!ended || process.exitValue() != 0) {
            throw new AssertionError(
                    "step \"" + name + "\" ended with " + (ended ? process.exitValue() : "nothing") + ":\n" + said);
        }
        for (Map.Entry<String, String> secret : environment.entrySet()) {
            if (secret.getKey().matches("MUSTER_(TOKEN|.*KEY|.*PASSPHRASE)")
                    && said.contains(secret.getValue().strip())) {
                throw new AssertionError("step \"" + name + "\" prints " + secret.getKey());
            }
        }
    }
}
