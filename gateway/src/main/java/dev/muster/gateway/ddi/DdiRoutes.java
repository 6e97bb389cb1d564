package dev.muster.gateway.ddi;

import dev.muster.gateway.download.DownloadRoutes;
import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Caller;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.https.WorkPool;
import dev.muster.gateway.journal.Journal;
import dev.muster.gateway.port.Deployments;
import dev.muster.gateway.port.Deployments.Client;
import dev.muster.gateway.port.Deployments.Deployment;
import dev.muster.gateway.port.Deployments.Polled;
import dev.muster.gateway.port.Deployments.Refused;
import dev.muster.gateway.port.Deployments.Taken;
import dev.muster.gateway.port.Deployments.Told;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.Uplink.StateReport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** hawkBit's DDI: each path, what it takes and what it answers. */
public final class DdiRoutes implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DdiRoutes.class);
    private static final Duration COMPARE_EVERY = Duration.ofSeconds(1);
    private static final int COMPARED_AT_ONCE = 1_000;
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int WORKERS = 8;
    private static final int WAITING = 4_096;
    private static final int MAX_HISTORY = 50;
    private static final String BASE = "/[^/]{1,128}/controller/v1/(?<asset>" + AssetId.PATTERN + ")";
    private static final String ACTION = "(?<action>[0-9]{1,9})";
    private static final String FILE = "(?<file>[A-Za-z0-9._+-]{1,128})";
    private static final String MD5SUM = ".MD5SUM";

    private final Deployments deployments;
    private final Set<Accepts> credentials;
    private final DownloadRoutes downloads;
    private final Clock clock;
    private final Answers answers = new Answers();
    private final SignsOfLife signs;
    private final Reports reports;
    private final Counter fromMemory;
    private final Counter fromStore;
    private final WorkPool pool = new WorkPool("ddi", WORKERS, WAITING);
    private final Thread comparing;
    private volatile boolean closed;

    public DdiRoutes(DdiDoor door, Journal journal, DownloadRoutes downloads, Clock clock, MeterRegistry meters) {
        this.deployments = door.deployments();
        this.credentials = door.credentials();
        this.downloads = downloads;
        this.clock = clock;
        this.signs = new SignsOfLife(journal);
        this.reports = new Reports(journal, clock);
        meters.gauge("muster.ddi.answers", answers, Answers::size);
        this.fromMemory = polls(meters, "memory");
        this.fromStore = polls(meters, "store");
        this.comparing = Thread.ofVirtual().name("ddi-answers").start(this::compareAll);
    }

    private static Counter polls(MeterRegistry meters, String from) {
        return Counter.builder("muster.ddi.polls")
                .description("Polls by hawkBit's DDI, by where their answer came from")
                .tag("from", from)
                .register(meters);
    }

    /**
     * Answers that assets still ask for are compared with the store before they are too old to be given, many at once: an asset that
     * polls every few minutes costs a row of a large read, and not a read of its own. When the store is away they grow old.
     */
    private void compareAll() {
        while (!closed) {
            try {
                Thread.sleep(COMPARE_EVERY);
                while (compare() == COMPARED_AT_ONCE && !closed) {
                    // more are due
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                LOG.warn("kept answers to polls cannot be compared with the store: {}", e.getMessage());
            }
        }
    }

    /** @return how many were due */
    int compare() {
        long now = clock.millis();
        Map<AssetId, Answers.Asked> due = answers.toCompare(now, COMPARED_AT_ONCE);
        if (!due.isEmpty()) {
            Map<AssetId, Polled> found = deployments.polled(due.keySet());
            due.forEach((asset, asked) -> answers.compared(asset, asked, now, found.get(asset)));
        }
        return due.size();
    }

    @Override
    public void close() {
        closed = true;
        comparing.interrupt();
    }

    /** What the asset is to be told has changed. */
    public void nudge(AssetId asset) {
        answers.forget(asset);
    }

    public List<Route> routes() {
        return List.of(
                get("ddi-poll", "", this::poll),
                get("ddi-deployment", "/deploymentBase/" + ACTION, this::deployment),
                post("ddi-feedback", "/deploymentBase/" + ACTION + "/feedback", this::feedback),
                get("ddi-cancel", "/cancelAction/" + ACTION, this::cancel),
                post("ddi-cancel-feedback", "/cancelAction/" + ACTION + "/feedback", this::cancelFeedback),
                get("ddi-installed", "/installedBase/" + ACTION, this::installed),
                route("ddi-runs", Set.of(HttpMethod.PUT), "/installedBase", this::runs),
                route("ddi-attributes", Set.of(HttpMethod.PUT), "/configData", this::attributes),
                get("ddi-confirmations", "/confirmationBase", this::confirmations),
                get("ddi-confirmation", "/confirmationBase/" + ACTION, this::confirmation),
                post("ddi-confirm", "/confirmationBase/" + ACTION + "/feedback", this::confirm),
                post(
                        "ddi-confirm-auto",
                        "/confirmationBase/activateAutoConfirm",
                        (exchange, asset) -> autoConfirm(exchange, asset, true)),
                post(
                        "ddi-confirm-manual",
                        "/confirmationBase/deactivateAutoConfirm",
                        (exchange, asset) -> autoConfirm(exchange, asset, false)),
                get("ddi-artifacts", "/softwaremodules/" + ACTION + "/artifacts", this::artifacts),
                route(
                        "ddi-artifact",
                        Set.of(HttpMethod.GET, HttpMethod.HEAD),
                        "/softwaremodules/" + ACTION + "/artifacts/" + FILE,
                        this::artifact));
    }

    private Route get(String name, String path, BiConsumer<Exchange, AssetId> handler) {
        return route(name, Set.of(HttpMethod.GET), path, handler);
    }

    private Route post(String name, String path, BiConsumer<Exchange, AssetId> handler) {
        return route(name, Set.of(HttpMethod.POST), path, handler);
    }

    private Route route(String name, Set<HttpMethod> methods, String path, BiConsumer<Exchange, AssetId> handler) {
        return new Route(
                name,
                methods,
                Pattern.compile(BASE + path),
                credentials,
                exchange -> exchange.assetOfPath().ifPresent(asset -> {
                    signs.of(asset, clock.millis());
                    handler.accept(exchange, asset);
                }));
    }

    // ---- polling

    private void poll(Exchange exchange, AssetId asset) {
        String base = base(exchange, asset);
        String known = exchange.header(HttpHeaders.IF_NONE_MATCH);
        long now = clock.millis();
        Optional<Polled> kept = answers.find(asset, now);
        (kept.isPresent() ? fromMemory : fromStore).increment();
        if (kept.isPresent()) {
            exchange.answer(PollAnswer.of(kept.get(), base).answer(known));
            return;
        }
        Client client = client(exchange);
        Answers.Asked asked = answers.ask(asset, now);
        later(exchange, () -> {
            Optional<Answer> refused = registered(exchange, asset);
            if (refused.isPresent()) {
                answers.forget(asset);
                return refused;
            }
            Deployments.Answered found = deployments.poll(asset, client);
            answers.keep(asset, asked, found.polled());
            Answer answer = PollAnswer.of(found.polled(), base).answer(known);
            return stored(exchange, asset, found.report(), answer);
        });
    }

    /** Who comes with a gateway token for the first time is registered; everybody else is known. */
    private Optional<Answer> registered(Exchange exchange, AssetId asset) {
        return exchange.caller() instanceof Caller.Gateway(AssetId _, String token)
                ? deployments.register(asset, token).map(DdiRoutes::refusal)
                : Optional.empty();
    }

    /** Where the asset finds its resources, under the address by which it found us. */
    private static String base(Exchange exchange, AssetId asset) {
        String path = Objects.requireNonNull(exchange.request().path(), "path of a route that matched");
        int end = path.indexOf("/controller/v1/") + "/controller/v1/".length();
        return "https://" + exchange.request().authority() + path.substring(0, end) + asset;
    }

    // ---- deployments

    private void deployment(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        String history = exchange.request().getParam("actionHistory");
        String base = base(exchange, asset);
        String known = exchange.header(HttpHeaders.IF_NONE_MATCH);
        later(exchange, () -> {
            Optional<Deployment> found = deployments.deployment(asset, action, history(history));
            if (found.isEmpty()) {
                return Optional.of(nothing("deployment", action, asset));
            }
            Answer answer = Bodies.json(DeploymentJson.deployment(found.get(), base, history != null), known);
            return told(exchange, asset, deployments.shown(asset, action), answer);
        });
    }

    private void installed(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        String history = exchange.request().getParam("actionHistory");
        String base = base(exchange, asset);
        String known = exchange.header(HttpHeaders.IF_NONE_MATCH);
        exchange.work(
                pool,
                () -> deployments
                        .installed(asset, action, history(history))
                        .map(each -> Bodies.json(DeploymentJson.deployment(each, base, history != null), known))
                        .orElseGet(() -> nothing("installed deployment", action, asset)));
    }

    private static int history(@Nullable String asked) {
        try {
            int wanted = asked == null ? 0 : Integer.parseInt(asked);
            return wanted < 0 ? MAX_HISTORY : Math.min(wanted, MAX_HISTORY);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private void feedback(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        Client client = client(exchange);
        said(exchange, asset, body -> {
            var feedback = Said.feedback(body);
            return () -> deployments.feedback(asset, action, client, feedback);
        });
    }

    private void cancel(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        exchange.work(
                pool,
                () -> deployments.isCancelled(asset, action)
                        ? Bodies.json(
                                new JsonObject()
                                        .put("id", Integer.toString(action))
                                        .put("cancelAction", new JsonObject().put("stopId", Integer.toString(action))),
                                null)
                        : nothing("cancellation", action, asset));
    }

    private void cancelFeedback(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        said(exchange, asset, body -> {
            var feedback = Said.feedback(body);
            return () -> deployments.cancelFeedback(asset, action, feedback);
        });
    }

    // ---- what the asset says of itself

    private void attributes(Exchange exchange, AssetId asset) {
        Client client = client(exchange);
        said(exchange, asset, body -> {
            Map<String, String> attributes = Said.attributes(body);
            Deployments.Mode mode = Said.mode(body);
            return () -> deployments.attributes(asset, client, mode, attributes);
        });
    }

    private void runs(Exchange exchange, AssetId asset) {
        said(exchange, asset, body -> {
            String component = Said.text(body, "name");
            String version = Said.text(body, "version");
            if (component == null || version == null) {
                throw new Said.MalformedException("name and version are expected, both texts");
            }
            return () -> deployments.runs(asset, component, version);
        });
    }

    // ---- confirmation

    private void confirmations(Exchange exchange, AssetId asset) {
        Client client = client(exchange);
        String base = base(exchange, asset);
        exchange.work(pool, () -> {
            Polled polled = deployments.poll(asset, client).polled();
            JsonObject links = new JsonObject();
            if (polled.pending() instanceof Deployments.Pending.Confirm(int action, String revision)) {
                links.put("confirmationBase", PollAnswer.href(base + "/confirmationBase/" + action + "?c=" + revision));
            }
            links.put(
                    polled.autoConfirms() ? "deactivateAutoConfirm" : "activateAutoConfirm",
                    PollAnswer.href(base + "/confirmationBase/"
                            + (polled.autoConfirms() ? "deactivateAutoConfirm" : "activateAutoConfirm")));
            return Bodies.json(
                    new JsonObject()
                            .put("autoConfirm", new JsonObject().put("active", polled.autoConfirms()))
                            .put("_links", links),
                    null);
        });
    }

    private void confirmation(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        String base = base(exchange, asset);
        Client client = client(exchange);
        exchange.work(pool, () -> {
            boolean waits = deployments.poll(asset, client).polled().pending()
                            instanceof Deployments.Pending.Confirm(int id, String _)
                    && id == action;
            return (waits ? deployments.deployment(asset, action, 0) : Optional.<Deployment>empty())
                    .map(each -> Bodies.json(DeploymentJson.confirmation(each, base), null))
                    .orElseGet(() -> nothing("deployment that waits for confirmation", action, asset));
        });
    }

    private void confirm(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        said(exchange, asset, body -> {
            String word = Said.text(body, "confirmation");
            if (word == null || !Set.of("confirmed", "denied").contains(word)) {
                throw new Said.MalformedException("confirmation is " + word + ", allowed is confirmed or denied");
            }
            List<String> details = Said.details(body.getValue("details"));
            return () -> deployments.confirmation(asset, action, word.equals("confirmed"), details);
        });
    }

    private void autoConfirm(Exchange exchange, AssetId asset, boolean active) {
        exchange.body(MAX_BODY_BYTES, bytes -> {
            String initiator = null;
            try {
                initiator = bytes.length == 0 ? null : Said.text(Said.object(bytes), "initiator");
            } catch (Said.MalformedException e) {
                exchange.answer(malformed(e));
                return;
            }
            String who = initiator == null ? "the asset" : initiator;
            tell(exchange, asset, () -> deployments.autoConfirm(asset, active, who));
        });
    }

    // ---- artifacts

    private void artifacts(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        String base = base(exchange, asset);
        exchange.work(
                pool,
                () -> deployments
                        .deployment(asset, action, 0)
                        .or(() -> deployments.installed(asset, action, 0))
                        .map(each -> {
                            byte[] list = new JsonArray(List.of(DeploymentJson.artifact(each.file(), base, action)))
                                    .toBuffer()
                                    .getBytes();
                            return Bodies.json(list, Bodies.etag(list), null);
                        })
                        .orElseGet(() -> nothing("deployment", action, asset)));
    }

    private void artifact(Exchange exchange, AssetId asset) {
        int action = action(exchange);
        String file = exchange.parameter("file");
        if (file.endsWith(MD5SUM)) {
            md5sum(exchange, asset, action, file.substring(0, file.length() - MD5SUM.length()));
        } else {
            downloads.send(exchange, asset, () -> deployments.artifact(asset, action, file));
        }
    }

    /** As {@code md5sum -c} reads it. */
    private void md5sum(Exchange exchange, AssetId asset, int action, String file) {
        exchange.work(
                pool,
                () -> deployments
                        .deployment(asset, action, 0)
                        .or(() -> deployments.installed(asset, action, 0))
                        .map(Deployment::file)
                        .filter(each -> each.name().equals(file))
                        .map(each -> Answer.of(200, "text/plain", each.md5() + "  " + each.name() + "\n")
                                .with("Content-Disposition", "attachment;filename=" + each.name() + MD5SUM))
                        .orElseGet(() -> nothing("artifact " + file + " of deployment", action, asset)));
    }

    // ---- what all have in common

    /** Reads a body into something to be told. */
    @FunctionalInterface
    private interface Reading {
        Supplier<Told> of(JsonObject body) throws Said.MalformedException;
    }

    private void said(Exchange exchange, AssetId asset, Reading reading) {
        exchange.body(MAX_BODY_BYTES, bytes -> {
            try {
                boolean isCbor = Cbor.isIt(exchange.header(HttpHeaders.CONTENT_TYPE));
                tell(exchange, asset, reading.of(Said.object(isCbor ? Cbor.toJson(bytes) : bytes)));
            } catch (Said.MalformedException e) {
                exchange.answer(malformed(e));
            }
        });
    }

    private void tell(Exchange exchange, AssetId asset, Supplier<Told> telling) {
        later(exchange, () -> told(exchange, asset, telling.get(), Bodies.done()));
    }

    /** On a virtual thread. @param task that gives no answer when one comes from the journal */
    private void later(Exchange exchange, Supplier<Optional<Answer>> task) {
        exchange.run(pool, () -> task.get().ifPresent(exchange::answerLater));
    }

    /** @param answer when it was taken */
    private Optional<Answer> told(Exchange exchange, AssetId asset, Told told, Answer answer) {
        answers.forget(asset);
        return switch (told) {
            case Refused refused -> Optional.of(refusal(refused));
            case Taken(var report) -> stored(exchange, asset, report, answer);
        };
    }

    /** Answers at once when there is nothing to store. */
    private Optional<Answer> stored(Exchange exchange, AssetId asset, @Nullable StateReport report, Answer answer) {
        if (report == null) {
            return Optional.of(answer);
        }
        reports.store(exchange, asset, report, answer);
        return Optional.empty();
    }

    private static Answer malformed(Said.MalformedException e) {
        return Answer.refused(400, "malformed", String.valueOf(e.getMessage()));
    }

    private static Answer refusal(Refused refused) {
        return Answer.refused(refused.status(), refused.code(), refused.message());
    }

    private static Answer nothing(String what, int action, AssetId asset) {
        return Answer.refused(404, "not_found", "asset " + asset + " has no " + what + " " + action);
    }

    private static int action(Exchange exchange) {
        return Integer.parseInt(exchange.parameter("action"));
    }

    /** By the name that it gives itself. */
    private static Client client(Exchange exchange) {
        String agent = exchange.header(HttpHeaders.USER_AGENT);
        if (agent == null) {
            return Client.OTHER;
        }
        if (agent.startsWith("rauc-hawkbit")) {
            return Client.RAUC;
        }
        return agent.startsWith("libcurl-agent/") ? Client.SWUPDATE : Client.OTHER;
    }
}
