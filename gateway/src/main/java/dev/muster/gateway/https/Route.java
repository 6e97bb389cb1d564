package dev.muster.gateway.https;

import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * A path and what is done there.
 *
 * @param name for metrics
 * @param path of the whole path; its groups are {@link Exchange#parameter}s
 * @param accepts any of these; anybody where it is empty
 * @param handler on the event loop; must not block
 */
public record Route(
        String name, Set<HttpMethod> methods, Pattern path, Set<Accepts> accepts, Consumer<Exchange> handler) {
    /** The name of the path's group that says for which asset it is, where there is one. */
    public static final String ASSET = "asset";

    public Route {
        methods = Set.copyOf(methods);
        accepts = Set.copyOf(accepts);
    }

    /** One fixed path. */
    public static Route at(
            String name, HttpMethod method, String path, Set<Accepts> accepts, Consumer<Exchange> handler) {
        return new Route(name, Set.of(method), Pattern.compile(Pattern.quote(path)), accepts, handler);
    }

    /** One fixed path, for admitted assets. */
    public static Route forAssets(String name, HttpMethod method, String path, Consumer<Exchange> handler) {
        return at(name, method, path, EnumSet.of(Accepts.CLIENT_CERTIFICATE), handler);
    }
}
