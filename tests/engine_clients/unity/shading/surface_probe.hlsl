// Uses the surface of the package's shader in both of its ways, as a pipeline does.
Texture2D _BaseMap;
Texture2D _BumpMap;
Texture2D _OrmMap;
SamplerState repeated;

cbuffer Properties
{
    float4x4 objectToWorld;
    float4 _BaseColor;
    float4 _TilesPerMetre;
    float _Metallic;
    float _Roughness;
    float _VertexColor;
    float _IsTriplanar;
};

#define VRBRIDGE_SAMPLE(map, uv) map.Sample(repeated, uv)
#include "Surface.hlsl"

float4 main(
    float3 place : TEXCOORD0, float3 normal : TEXCOORD1, float3 tangent : TEXCOORD2, float2 uv : TEXCOORD3,
    float4 color : TEXCOORD4) : SV_Target
{
    VRBridgeLook look;
    if (_IsTriplanar > 0.5)
    {
        look = VRBridgeByPosition(place, normal, objectToWorld);
    }
    else
    {
        look = VRBridgeByUv(uv, normal, tangent, cross(normal, tangent));
    }
    VRBridgeApplyFactors(look, color);
    return float4(look.baseColor * look.normal * look.occlusion, look.roughness + look.metallic);
}
