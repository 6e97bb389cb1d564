package dev.muster.cli;

import com.sun.net.httpserver.HttpServer;
import dev.muster.cli.command.Verbs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Runs usual commands against a server of its own, so that a build can write the classes that they load into an archive
 * ({@code -XX:AOTCacheOutput}); later starts take them from there.
 */
final class Rehearsal {
    private static final String PAGE = """
            {"items":[{"id":"a","type":"pos","labels":{"k":"v"},"lastSeen":"2026-01-01T00:00:00Z","n":1.5}],"series":[
             {"metric":"speed","unit":"m/s","points":[{"ts":1,"value":1.5}]}]}""";

    private Rehearsal() {}

    public static void main(String[] args) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = PAGE.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().endsWith("/x") ? 404 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        for (String line : new String[] {
            "get assets",
            "get assets -o json",
            "get assets -o yaml",
            "get asset x",
            "telemetry a",
            "logs a",
            "latest",
            "whoami",
            "doctor",
            "version",
            "get --help",
            "fly"
        }) {
            Verbs.run(silent(url), line.split(" ", -1));
        }
        server.stop(0);
    }

    private static Terminal silent(String url) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Map<String, String> environment =
                Map.of("MUSTER_SERVER", url, "MUSTER_TOKEN", "rehearsal", "HOME", "/nonexistent");
        return new Terminal(InputStream.nullInputStream(), nowhere, nowhere, false, false, 80, environment);
    }
}
