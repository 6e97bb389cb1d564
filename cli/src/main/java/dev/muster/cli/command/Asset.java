package dev.muster.cli.command;

import dev.muster.cli.CommandFailed;
import dev.muster.cli.ExitCode;
import dev.muster.cli.rest.Api;
import dev.muster.cli.rest.Query;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code muster asset …}: what is done with one asset, and the same with many. */
@Command(
        name = "asset",
        description = "Does something with one asset, or changes many.",
        subcommands = {AssetChange.class, Asset.Credentials.class, AssetToken.class, AssetRestore.class})
final class Asset extends Menu {

    /** {@code muster asset credentials ID --out DIR}. */
    @Command(
            name = "credentials",
            description = "Writes key, certificate and CA for a first try, and prints how to use them.",
            footer = {"", "Devices of a fleet make their own key and enrol with a claim token instead."})
    static final class Credentials extends Verb {
        @Parameters(paramLabel = "ID", description = "The asset.")
        private String id = "";

        @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder for the three files.")
        private Path out = Path.of(".");

        @Option(names = "--mqtt", paramLabel = "HOST:PORT", description = "MQTT address for the printed lines.")
        private @Nullable String mqtt;

        @Override
        void run() {
            Path key = out.resolve("key.pem");
            Path certificate = out.resolve("certificate.pem");
            Path ca = out.resolve("ca.pem");
            for (Path file : new Path[] {key, certificate, ca}) {
                if (Files.exists(file)) {
                    throw new CommandFailed(
                            ExitCode.REFUSED, "will not overwrite " + file + "; move it away or give another --out");
                }
            }
            JsonNode made = root().api().post(Query.of("assets", id, "credentials"), Api.JSON.createObjectNode());
            try {
                Files.createDirectories(out);
                write(key, made.path("key").asString(), true);
                write(certificate, made.path("certificate").asString(), false);
                write(ca, made.path("ca").asString(), false);
            } catch (IOException e) {
                throw new CommandFailed(ExitCode.FAILED, "cannot write to " + out + ": " + e.getMessage());
            }
            explain(made, ca, certificate, key);
        }

        private static void write(Path file, String content, boolean secret) throws IOException {
            Files.newByteChannel(
                            file,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")))
                    .close();
            Files.writeString(file, content);
        }

        private void explain(JsonNode made, Path ca, Path certificate, Path key) {
            String[] address = address();
            String files = "--cafile " + quoted(ca) + " --cert " + quoted(certificate) + " --key " + quoted(key);
            String command = "mosquitto_pub -V mqttv5 -h " + address[0] + " -p " + address[1] + " " + files + " -i "
                    + id + " -q 1";
            String topic = " -t assets/" + id + "/";
            PrintStream lines = root().terminal().out();
            lines.println("# certificate " + made.path("serial").asString("") + " of asset " + id + ", valid until "
                    + made.path("notAfter").asString("") + "; the key is " + key + " and nowhere else");
            lines.println(command + topic + "heartbeat -m '{}'");
            lines.println(
                    command + topic + "telemetry -m '{\"ts\":'$(date +%s000)',\"values\":{\"temperature\":293.4}}'");
            lines.println(
                    command + topic + "events -m '{\"ts\":'$(date +%s000)',\"type\":\"hello\",\"severity\":\"info\","
                            + "\"message\":\"first words\"}'");
            lines.flush();
        }

        /** The address that the server on this machine wrote down, else the usual port of the server's host. */
        private String[] address() {
            JsonNode local = root().api().address().local();
            boolean isLocal = local != null
                    && (local.path("http").asString("") + "/")
                            .equals(root().api().address().server().toString());
            String text = mqtt != null
                    ? mqtt
                    : isLocal && local != null
                            ? local.path("mqtt").asString("")
                            : root().api().address().server().getHost() + ":8883";
            int colon = text.lastIndexOf(':');
            if (colon < 1) {
                throw new CommandFailed(
                        ExitCode.USAGE, "the MQTT address \"" + text + "\" is not of the form host:port");
            }
            return new String[] {text.substring(0, colon), text.substring(colon + 1)};
        }

        private static String quoted(Path path) {
            String text = path.toString();
            return text.matches("[A-Za-z0-9._/-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
        }
    }
}
