import type { KubeClient } from "./client.ts";

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly user?: { readonly username?: string };
    readonly audiences?: readonly string[];
  };
}

/**
 * Asks the API server whose token it is (`authentication.k8s.io/v1`): the user's name when the token is valid for
 * the audience, else undefined. Rejects with an `ApiError` when it cannot be asked.
 */
export const tokenReviewer = (client: KubeClient) => ({
  review: async (token: string, audience: string): Promise<string | undefined> => {
    const { status }: TokenReview = await client.call({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/tokenreviews",
      body: {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenReview",
        spec: { token, audiences: [audience] },
      },
    });
    // An API server that does not know audiences says nothing of them: such a token is not for us.
    const meant = status?.audiences?.includes(audience) === true;
    return status?.authenticated === true && meant ? status.user?.username : undefined;
  },
});
