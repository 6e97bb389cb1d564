package dev.muster.identity.access;

import dev.muster.identity.Role;
import dev.muster.testing.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares a running server with a table: its document with the rows, and what every actor gets with what a row says. */
final class AccessCheck {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private AccessCheck() {}

    /** What is wrong; empty when the server does what the table says. */
    static List<String> problems(TestServer server, List<Row> rows, List<Row> undocumented) {
        Map<String, JsonNode> documented = documented(server);
        List<String> problems = new ArrayList<>(differences(documented, rows));
        try (World world = new World(server)) {
            for (Row row : rows) {
                JsonNode operation = documented.get(row.name());
                if (operation != null) {
                    String role = operation.at("/x-muster-requires/role").asString("nothing");
                    if (!role.equals(row.least().wire())) {
                        problems.add(row.name() + ": the document requires " + role + ", the table "
                                + row.least().wire());
                    }
                    check(world, row, problems);
                }
            }
            undocumented.forEach(row -> check(world, row, problems));
        }
        return problems;
    }

    private static List<String> differences(Map<String, JsonNode> documented, List<Row> rows) {
        List<String> problems = new ArrayList<>();
        TreeSet<String> listed = new TreeSet<>();
        for (Row row : rows) {
            if (!listed.add(row.name())) {
                problems.add(row.name() + ": two rows of the table");
            }
            if (!documented.containsKey(row.name())) {
                problems.add(row.name() + ": a row of the table, and no route of the server");
            }
        }
        documented.keySet().stream()
                .filter(route -> !listed.contains(route))
                .forEach(route -> problems.add(route + ": a route of the server, and no row of the table"));
        return problems;
    }

    private static void check(World world, Row row, List<String> problems) {
        expect(row, "nobody", world.call(row, null, world.outside), 401, problems);
        expect(row, "a revoked token", world.call(row, world.revoked, world.outside), 401, problems);
        for (Role role : Role.values()) {
            boolean allowed = role.includes(row.least());
            String asset = allowed ? world.assetFor(row) : world.outside;
            World.Answer answer = world.call(row, world.whole.get(role), asset);
            if (!allowed) {
                expect(row, role.wire(), answer, 403, problems);
            } else if (!row.isAnswered(answer.status())) {
                problems.add(row.name() + ": " + role.wire() + " got " + shown(answer) + ", expected "
                        + (row.answers() == 2 ? "success" : row.answers()));
            } else if (row.narrower() == Row.Narrower.LEFT_OUT && !answer.body().contains(asset)) {
                problems.add(row.name() + ": " + role.wire() + " did not get " + asset
                        + ", so leaving it out for a narrower scope proves nothing");
            }
            narrower(world, row, role, problems);
        }
    }

    private static void narrower(World world, Row row, Role role, List<String> problems) {
        String who = role.wire() + " with a narrower scope";
        World.Answer answer = world.call(row, world.narrower.get(role), world.outside);
        if (!role.includes(row.least())) {
            expect(row, who, answer, 403, problems);
            return;
        }
        switch (row.narrower()) {
            case NOT_FOUND -> {
                expect(row, who, answer, 404, problems);
                expectInside(world, row, role, who, problems);
            }
            case FORBIDDEN -> expect(row, who, answer, 403, problems);
            case SAME, LEFT_OUT -> {
                if (!row.isAnswered(answer.status())) {
                    problems.add(row.name() + ": " + who + " got " + shown(answer));
                }
            }
        }
        if (row.narrower() != Row.Narrower.SAME && tells(answer, world.outside, row)) {
            problems.add(row.name() + ": " + who + " was told about " + world.outside + ": " + shown(answer));
        }
    }

    /** Not found must come from the scope, so the same call for an asset inside is answered. */
    private static void expectInside(World world, Row row, Role role, String who, List<String> problems) {
        if (!row.method().equals("GET")) {
            return;
        }
        World.Answer answer = world.call(row, world.narrower.get(role), world.inside);
        if (!row.isAnswered(answer.status())) {
            problems.add(row.name() + ": " + who + " got " + shown(answer) + " for an asset inside of it");
        }
    }

    /** A refusal may repeat the name that the caller itself gave; a success may not name an asset outside. */
    private static boolean tells(World.Answer answer, String asset, Row row) {
        return row.isAnswered(answer.status()) && answer.body().contains(asset);
    }

    private static void expect(Row row, String who, World.Answer answer, int status, List<String> problems) {
        if (answer.status() != status) {
            problems.add(row.name() + ": " + who + " got " + shown(answer) + ", expected " + status);
        }
    }

    private static String shown(World.Answer answer) {
        return answer.status() + " "
                + (answer.body().length() <= 200 ? answer.body() : answer.body().substring(0, 200) + "…");
    }

    private static Map<String, JsonNode> documented(TestServer server) {
        JsonNode document = JSON.readTree(
                server.send(server.adminRequest("/api/openapi.json").GET()).body());
        Map<String, JsonNode> operations = new TreeMap<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> operations.put(
                                method.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), method.getValue())));
        return operations;
    }
}
