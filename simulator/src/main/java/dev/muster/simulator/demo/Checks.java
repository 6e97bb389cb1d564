package dev.muster.simulator.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What is claimed of a demonstration that has come to its end, asked of the server's public API; a line for each claim. */
final class Checks {
    private static final int ONLINE_WITHIN_SECONDS = 30;

    private static final Pattern DETAIL = Pattern.compile("\"detail\":\"([^\"]*)\"");
    private static final int KEY_GONE_WITHIN_SECONDS = 10;

    private final Rest rest;
    private final Guest guest;
    private final int assets;
    private final PrintStream out;
    private boolean allTrue = true;

    Checks(Rest rest, Guest guest, int assets, PrintStream out) {
        this.rest = rest;
        this.guest = guest;
        this.assets = assets;
        this.out = out;
    }

    private interface Verification {
        /** @return what was found, when it is what was claimed */
        String verify() throws IOException, InterruptedException, Untrue;
    }

    private static final class Untrue extends Exception {
        private static final long serialVersionUID = 1L;

        Untrue(String found) {
            super(found);
        }
    }

    /** @return whether all claims are true */
    boolean run() throws InterruptedException {
        out.println();
        for (Claim claim : Claim.values()) {
            verify(claim, verification(claim));
        }
        out.println(allTrue ? "every claim is true" : "NOT every claim is true");
        out.flush();
        return allTrue;
    }

    private Verification verification(Claim claim) {
        return switch (claim) {
            case ONLINE -> this::online;
            case PLACED -> this::placed;
            case CONSOLE -> this::console;
            case PUBLISHED -> this::published;
            case GOOD -> this::good;
            case BAD -> this::bad;
            case OWN_VERSION -> this::ownVersion;
            case NOWHERE -> this::nowhere;
            case ENROLLED -> this::enrolled;
            case WIPED -> this::wiped;
            case REFUSED -> this::refused;
            case TAKEN -> this::taken;
        };
    }

    private void verify(Claim claim, Verification verification) throws InterruptedException {
        try {
            out.println("ok    " + claim.text() + ": " + verification.verify());
        } catch (Untrue | IOException e) {
            allTrue = false;
            out.println("FALSE " + claim.text() + ": " + e.getMessage());
        }
        out.flush();
    }

    private String online() throws IOException, InterruptedException, Untrue {
        long online = -1;
        for (int second = 0; second < ONLINE_WITHIN_SECONDS && online != assets; second++) {
            if (second > 0) {
                Thread.sleep(1_000);
            }
            online =
                    rest.get("/api/v1/overview").path("presence").path("online").asLong(0);
        }
        return when(online == assets, online + " of " + assets);
    }

    private String placed() throws IOException, InterruptedException, Untrue {
        TreeMap<String, Integer> regions = new TreeMap<>();
        int owned = 0;
        for (JsonNode asset : rest.all("/api/v1/assets")) {
            if (field(asset, "id").startsWith(Guest.PREFIX)) {
                continue;
            }
            regions.merge(field(asset, "region"), 1, Integer::sum);
            owned += field(asset, "owner").isEmpty() ? 0 : 1;
        }
        return when(
                owned == assets && regions.size() >= 3 && !regions.containsKey(""),
                owned + " of " + assets + " with an owner, by region " + regions);
    }

    private static String field(JsonNode asset, String name) {
        return asset.path(name).asString(asset.path("spec").path(name).asString(""));
    }

    private String console() throws IOException, InterruptedException, Untrue {
        HttpResponse<String> page = rest.answer("/console/");
        return when(
                page.statusCode() == 200 && page.body().contains("<script"),
                "GET /console/ answers " + page.statusCode() + " with "
                        + page.body().length() + " characters");
    }

    private String published() throws IOException, InterruptedException, Untrue {
        List<String> names = new ArrayList<>();
        for (JsonNode release : rest.all("/api/v1/releases?component=app")) {
            names.add(release.path("name").asString("") + " "
                    + release.path("status").asString(""));
        }
        int version = rest.get("/api/v1/tuf").path("roles").size();
        return when(names.size() == 2 && version >= 5, names + ", " + version + " signed roles");
    }

    private String good() throws IOException, InterruptedException, Untrue {
        JsonNode status = rest.get("/api/v1/rollouts/" + Demo.GOOD).path("status");
        int updated = 0;
        List<JsonNode> targets = rest.all("/api/v1/rollouts/" + Demo.GOOD + "/targets");
        for (JsonNode target : targets) {
            updated += runs(target).equals("1.5.0") ? 1 : 0;
        }
        return when(
                status.path("phase").asString("").equals("completed")
                        && !targets.isEmpty()
                        && updated == targets.size(),
                Demo.GOOD + " is " + status.path("phase").asString("") + ", " + updated + " of " + targets.size()
                        + " report app 1.5.0");
    }

    private String bad() throws IOException, InterruptedException, Untrue {
        JsonNode status = rest.get("/api/v1/rollouts/" + Demo.BAD).path("status");
        String phase = status.path("phase").asString("");
        return when(
                phase.equals("rolled_back"),
                Demo.BAD + " is " + phase + ": " + status.path("why").asString(""));
    }

    private String ownVersion() throws IOException, InterruptedException, Untrue {
        TreeMap<String, Integer> back = new TreeMap<>();
        List<String> wrong = new ArrayList<>();
        for (JsonNode target : touched()) {
            String previous = target.path("previous").asString("");
            String runs = runs(target);
            if (target.path("stage").asString("").equals("rolled_back") && runs.equals(previous)) {
                back.merge(previous, 1, Integer::sum);
            } else {
                wrong.add(target.path("asset").asString("") + " is "
                        + target.path("stage").asString("") + " and runs " + runs + " instead of " + previous);
            }
        }
        return when(
                wrong.isEmpty() && !back.isEmpty(), wrong.isEmpty() ? "tills by version " + back : wrong.toString());
    }

    private String nowhere() throws IOException, InterruptedException, Untrue {
        int tills = 0;
        List<String> running = new ArrayList<>();
        for (JsonNode target : rest.all("/api/v1/rollouts/" + Demo.BAD + "/targets")) {
            tills++;
            if (runs(target).equals("1.6.0")) {
                running.add(target.path("asset").asString(""));
            }
        }
        return when(tills > 0 && running.isEmpty(), running.size() + " of " + tills + " " + running);
    }

    private String enrolled() throws IOException, InterruptedException, Untrue {
        List<String> origins = new ArrayList<>();
        for (JsonNode certificate : rest.all("/api/v1/certificates?asset=" + Guest.ID)) {
            origins.add(certificate.path("origin").asString(""));
        }
        if (origins.isEmpty()) {
            throw new Untrue(Guest.ID + " has no certificate: " + guest.trouble());
        }
        boolean wasOnline = false;
        for (JsonNode change :
                rest.get("/api/v1/assets/" + Guest.ID + "/presence").path("history")) {
            wasOnline |= change.path("to").asString("").equals("online");
        }
        return when(
                origins.equals(List.of("claim-token")) && wasOnline,
                Guest.ID + " got a certificate by " + String.join(", ", origins)
                        + (wasOnline ? " and was online" : " and was never online"));
    }

    private String wiped() throws IOException, InterruptedException, Untrue {
        JsonNode retirement = rest.get("/api/v1/assets/" + Guest.ID + "/retirement");
        String said = Guest.ID + " is " + retirement.path("summary").asString("");
        if (!retirement.path("phase").asString("").equals("retired")
                || !retirement.path("wipe").asString("").equals("confirmed")) {
            throw new Untrue(said);
        }
        for (int second = 0; second < KEY_GONE_WITHIN_SECONDS && guest.hasItsKey(); second++) {
            Thread.sleep(1_000);
        }
        return when(
                !guest.hasItsKey(), said + (guest.hasItsKey() ? ", and still has its key" : ", its key is deleted"));
    }

    private String refused() throws IOException, InterruptedException, Untrue {
        return guest.refusalOfTheCopy()
                .map(refusal -> "a copy of its key: " + refusal)
                .orElseThrow(() -> new Untrue("a copy of its key is let in"));
    }

    private String taken() throws IOException, InterruptedException, Untrue {
        String refusal = guest.refusalOfAnotherClaim()
                .orElseThrow(() -> new Untrue("another claim token has enrolled " + Guest.ID + " again"));
        return when(refusal.contains("is retired"), detail(refusal));
    }

    /** A problem of the server is JSON; its detail is for people. */
    private static String detail(String refusal) {
        Matcher matcher = DETAIL.matcher(refusal);
        return matcher.find() ? matcher.group(1) : refusal;
    }

    private List<JsonNode> touched() throws IOException, InterruptedException {
        return rest.all("/api/v1/rollouts/" + Demo.BAD + "/targets").stream()
                .filter(target -> target.path("attempt").asInt(0) > 0)
                .toList();
    }

    /** The version of app that the target's asset reports. */
    private String runs(JsonNode target) throws IOException, InterruptedException {
        return rest.get("/api/v1/assets/" + target.path("asset").asString("") + "/twin")
                .path("reported")
                .path("software")
                .path("app")
                .asString("nothing known");
    }

    private static String when(boolean isTrue, String found) throws Untrue {
        if (!isTrue) {
            throw new Untrue(found);
        }
        return found;
    }
}
