package dev.muster.platform.page;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * Which page of a list is asked for: {@code ?limit=&continue=}.
 *
 * @param limit items at most
 * @param token from the {@code continue} of the page before; null for the first page
 */
public record PageRequest(int limit, @Nullable String token) {
    public static final int DEFAULT_LIMIT = 100;
    public static final int MAX_LIMIT = 1000;
    public static final PageRequest FIRST = new PageRequest(DEFAULT_LIMIT, null);

    private static final int MAX_TOKEN_LENGTH = 1024;

    public PageRequest {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new Refusal(ErrorCode.INVALID, "limit is " + limit + "; allowed is 1 to " + MAX_LIMIT);
        }
        if (token != null && token.length() > MAX_TOKEN_LENGTH) {
            throw badToken();
        }
    }

    /** How many rows to ask the store for, so that {@link Page#of} sees whether more follow. */
    public int fetch() {
        return limit + 1;
    }

    /** The key of the last item of the page before; null for the first page. */
    public @Nullable String after() {
        if (token == null) {
            return null;
        }
        try {
            return new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw badToken();
        }
    }

    static String tokenAfter(String key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key.getBytes(StandardCharsets.UTF_8));
    }

    private static Refusal badToken() {
        return new Refusal(
                ErrorCode.INVALID,
                "continue is not a token that this server gave out; ask again without it to start from the first page");
    }
}
