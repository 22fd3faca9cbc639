#ifndef VRBRIDGE_SURFACE_INCLUDED
#define VRBRIDGE_SURFACE_INCLUDED

// What a surface of the bridge is made of at one place, for any pipeline. Whoever includes this defines
// VRBRIDGE_SAMPLE(map, uv) and declares _BaseMap, _BumpMap, _OrmMap and the properties of the shader.

struct VRBridgeLook
{
    half3 baseColor;
    half occlusion;
    half roughness;
    half metallic;
    // In the world's space.
    float3 normal;
};

// x and y of a normal, in whichever channels the platform keeps them, with z rebuilt: two channels are all that BC5 has.
float3 VRBridgeNormal(float4 packed)
{
#if defined(UNITY_NO_DXT5nm)
    float2 along = packed.xy * 2 - 1;
#else
    float2 along = float2(packed.x * packed.w, packed.y) * 2 - 1;
#endif
    return float3(along, sqrt(saturate(1 - dot(along, along))));
}

void VRBridgeAdd(inout VRBridgeLook look, float4 base, float4 orm, float3 normal, half weight)
{
    look.baseColor += base.rgb * weight;
    look.occlusion += orm.r * weight;
    look.roughness += orm.g * weight;
    look.metallic += orm.b * weight;
    look.normal += normal * weight;
}

// Lays a map on one side of a box, as somebody who looks at that side sees it upright.
void VRBridgeAddSide(inout VRBridgeLook look, float3 place, float3 right, float3 up, float3 out_, half weight)
{
    float2 uv = float2(dot(place, right), dot(place, up)) * _TilesPerMetre.xy;
    float3 normal = VRBridgeNormal(VRBRIDGE_SAMPLE(_BumpMap, uv));
    VRBridgeAdd(
        look, VRBRIDGE_SAMPLE(_BaseMap, uv), VRBRIDGE_SAMPLE(_OrmMap, uv),
        right * normal.x + up * normal.y + out_ * normal.z, weight);
}

// By position in metres, in axes that move and turn with the object.
VRBridgeLook VRBridgeByPosition(float3 positionWS, float3 normalWS, float4x4 objectToWorld)
{
    float3 origin = float3(objectToWorld._m03, objectToWorld._m13, objectToWorld._m23);
    float3x3 axes = float3x3(
        normalize(float3(objectToWorld._m00, objectToWorld._m10, objectToWorld._m20)),
        normalize(float3(objectToWorld._m01, objectToWorld._m11, objectToWorld._m21)),
        normalize(float3(objectToWorld._m02, objectToWorld._m12, objectToWorld._m22)));
    float3 place = mul(axes, positionWS - origin);
    float3 normal = mul(axes, normalWS);
    float3 weights = pow(abs(normal), 4);
    weights /= weights.x + weights.y + weights.z;
    float3 side = float3(normal.x < 0 ? -1 : 1, normal.y < 0 ? -1 : 1, normal.z < 0 ? -1 : 1);
    VRBridgeLook look = (VRBridgeLook)0;
    VRBridgeAddSide(look, place, float3(0, 0, side.x), float3(0, 1, 0), float3(side.x, 0, 0), weights.x);
    VRBridgeAddSide(look, place, float3(side.y, 0, 0), float3(0, 0, 1), float3(0, side.y, 0), weights.y);
    VRBridgeAddSide(look, place, float3(-side.z, 0, 0), float3(0, 1, 0), float3(0, 0, side.z), weights.z);
    look.normal = mul(look.normal, axes);
    return look;
}

// By texture coordinates that were scaled and offset already.
VRBridgeLook VRBridgeByUv(float2 uv, float3 normalWS, float3 tangentWS, float3 bitangentWS)
{
    float3 normal = VRBridgeNormal(VRBRIDGE_SAMPLE(_BumpMap, uv));
    VRBridgeLook look = (VRBridgeLook)0;
    VRBridgeAdd(
        look, VRBRIDGE_SAMPLE(_BaseMap, uv), VRBRIDGE_SAMPLE(_OrmMap, uv),
        tangentWS * normal.x + bitangentWS * normal.y + normalWS * normal.z, 1);
    return look;
}

// Multiplies the factors in, among them the colours of vertices, which are linear.
void VRBridgeApplyFactors(inout VRBridgeLook look, float4 vertexColor)
{
    look.baseColor *= _BaseColor.rgb * lerp(half3(1, 1, 1), vertexColor.rgb, _VertexColor);
    look.roughness *= _Roughness;
    look.metallic *= _Metallic;
    look.normal = normalize(look.normal);
}

#endif
